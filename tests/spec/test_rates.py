"""Exchange rates, and orders that they convert: one specification, both databases."""

from datetime import UTC, datetime
from decimal import Decimal

import pyarrow as pa
import pytest
from tests.support.ledgers import DAY, begin, set_state, take_back

from salesml.core.errors import InvalidValue
from salesml.core.imports import ImportCounts, ImportKind, Origin, RejectedRow
from salesml.core.orders import Order
from salesml.core.rates import Rate
from salesml.data.schemas import GOOD
from salesml.db.transactions import SqlTransactions
from salesml.db.unit_of_work import SqlUnitOfWork
from salesml.services import installation, rates
from salesml.services.orders import publish_orders

NOW = datetime(2026, 1, 31, 12, 30, tzinfo=UTC)
Cells = tuple[str, int, int, str | None, str, str | None]
"""Number, day after DAY, minor units, currency, kind, number of the sale it goes back on."""


@pytest.fixture(autouse=True)
def _installed(tx: SqlTransactions) -> None:
    tx.run(installation.initialise, currency="PLN", timezone="Europe/Warsaw", now=NOW)


def eur(day: int, rate: str) -> Rate:
    return Rate(currency="EUR", day=DAY + day, rate=Decimal(rate))


def put(tx: SqlTransactions, *found: Rate) -> None:
    tx.run(rates.put, found, actor="ann", now=NOW)


def table(*rows: Cells) -> pa.Table:
    records = [
        {
            "row": place,
            "order_id": number,
            "client_external_id": "anna",
            "ordered_at": (DAY + day) * 86_400 + 3600,
            "ordered_day": DAY + day,
            "amount": amount,
            "kind": kind,
            "cancels": cancels,
            "currency": currency,
            "rate_day": None,
        }
        for place, (number, day, amount, currency, kind, cancels) in enumerate(rows, 1)
    ]
    return pa.Table.from_pylist(records, GOOD[ImportKind.ORDERS])


def publish(
    tx: SqlTransactions, *rows: Cells, update: bool = False
) -> tuple[int, ImportCounts, list[RejectedRow]]:
    def use(uow: SqlUnitOfWork) -> tuple[int, ImportCounts, list[RejectedRow]]:
        import_id = begin(uow)
        origin = Origin(source="default", import_id=import_id)
        counts, rejected = publish_orders(uow, origin, table(*rows), update=update)
        set_state(uow, import_id)
        return import_id, counts, rejected

    return tx.run(use)


def stored(tx: SqlTransactions, number: str) -> Order:
    return tx.read(lambda uow: uow.orders.existing("default", [number])[number][1])


def test_rates_are_replaced_by_currency_and_day(tx: SqlTransactions) -> None:
    put(tx, eur(0, "4.2"), eur(1, "4.3"))
    put(tx, eur(1, "4.40"), Rate(currency="CHF", day=DAY, rate=Decimal("4.5")))
    page = tx.read(rates.page, limit=2)
    rest = tx.read(rates.page, limit=2, cursor=page.next_cursor)
    found = [(rate.currency, rate.day - DAY, str(rate.rate)) for rate in (*page.items, *rest.items)]
    assert found == [("CHF", 0, "4.5"), ("EUR", 0, "4.2"), ("EUR", 1, "4.40")]
    assert rest.next_cursor is None
    assert tx.run(rates.remove, "EUR", actor="ann", now=NOW) == 2


def test_the_installations_own_currency_has_no_rate(tx: SqlTransactions) -> None:
    with pytest.raises(InvalidValue, match="its rate is 1"):
        put(tx, Rate(currency="PLN", day=DAY, rate=Decimal(1)))


def test_an_order_is_converted_and_keeps_what_was_paid(tx: SqlTransactions) -> None:
    put(tx, eur(0, "4.25"))
    _, counts, rejected = publish(tx, ("1", 2, 3582, "EUR", "sale", None), ("2", 2, 500, None, "sale", None))
    assert (counts.accepted, counts.net, rejected) == (2, 15224 + 500, [])
    assert (stored(tx, "1").amount, stored(tx, "1").original_amount) == (15224, 3582)
    assert stored(tx, "1").original_currency == "EUR"
    assert stored(tx, "2").original_amount is None


def test_an_order_without_a_rate_is_set_aside_and_the_others_kept(tx: SqlTransactions) -> None:
    put(tx, eur(0, "4.25"))
    _, counts, rejected = publish(
        tx,
        ("early", -1, 100, "EUR", "sale", None),
        ("first", 0, 100, "EUR", "sale", None),
        ("last", 7, 100, "EUR", "sale", None),
        ("late", 8, 100, "EUR", "sale", None),
        ("other", 0, 100, "USD", "sale", None),
    )
    assert (counts.accepted, counts.rejected) == (2, 3)
    found = [(row.row, row.field, row.code, row.raw) for row in rejected]
    assert found == [(n, "currency", "no_rate", raw) for n, raw in ((1, "EUR"), (4, "EUR"), (5, "USD"))]


def test_what_goes_back_takes_the_rate_of_its_sale(tx: SqlTransactions) -> None:
    put(tx, eur(0, "4.20"), eur(5, "4.40"))
    publish(tx, ("1", 0, 1000, "EUR", "sale", None), ("1c", 5, -1000, "EUR", "cancellation", "1"))
    publish(tx, ("1r", 6, -500, "EUR", "refund", "1"), ("2r", 6, -500, "EUR", "refund", "unknown"))
    assert [stored(tx, number).amount for number in ("1", "1c", "1r", "2r")] == [4200, -4200, -2100, -2200]


def test_the_same_order_again_is_a_repeat_whatever_the_rates_are_by_now(tx: SqlTransactions) -> None:
    put(tx, eur(0, "4.20"))
    order: Cells = ("1", 0, 1000, "EUR", "sale", None)
    publish(tx, order)
    put(tx, eur(0, "4.30"))
    _, counts, rejected = publish(tx, order)
    assert (counts.repeated, rejected, stored(tx, "1").amount) == (1, [], 4200)


def test_another_amount_or_currency_is_a_conflict(tx: SqlTransactions) -> None:
    put(tx, eur(0, "4.20"))
    publish(tx, ("1", 0, 1000, "EUR", "sale", None), ("2", 0, 4200, None, "sale", None))
    _, counts, rejected = publish(
        tx, ("1", 0, 1001, "EUR", "sale", None), ("2", 0, 1000, "EUR", "sale", None)
    )
    assert (counts.repeated, counts.rejected) == (0, 2)
    assert [(row.field, row.code) for row in rejected] == [("amount", "conflict")] * 2


def test_an_update_converts_anew_and_is_taken_back_whole(tx: SqlTransactions) -> None:
    put(tx, eur(0, "4.20"))
    publish(tx, ("1", 0, 1000, "EUR", "sale", None))
    put(tx, eur(0, "4.30"))
    second, counts, _ = publish(tx, ("1", 0, 1000, "EUR", "sale", None), update=True)
    assert (counts.changed, stored(tx, "1").amount) == (1, 4300)
    third, _, _ = publish(tx, ("1", 0, 900, None, "sale", None), update=True)
    assert (stored(tx, "1").amount, stored(tx, "1").original_currency) == (900, None)
    tx.run(take_back, third)
    assert (stored(tx, "1").amount, stored(tx, "1").original_amount) == (4300, 1000)
    tx.run(take_back, second)
    assert stored(tx, "1").amount == 4200

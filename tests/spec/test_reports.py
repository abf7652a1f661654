"""Figures of ledgers: one specification, three engines."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import duckdb
import pytest
from sqlalchemy import Engine, text
from tests.support.ledgers import DAY, begin, identities_of, set_state
from tests.support.ledgers import orders as order_table

from salesml.core.ledgers import Gap, LedgerReport, describe
from salesml.core.plain import from_plain, to_plain
from salesml.db.transactions import SqlTransactions
from salesml.db.unit_of_work import SqlUnitOfWork

Cells = tuple[str, str | None, int, int, str, str | None]
"""Order number, client, day after DAY, amount, kind, what it cancels."""
CASES: Sequence[Cells] = (
    ("1", "a", 0, 1_000, "sale", None),
    ("2", "a", 1, 2_000, "sale", None),
    ("3", "a", 1, 2_000, "sale", None),
    ("4", "a", 2, -2_000, "cancellation", None),
    ("5", "b", 2, 0, "sale", None),
    ("6", None, 3, 5_000, "sale", None),
    ("7", "b", 20, 3_000, "sale", None),
    ("8", "b", 21, -500, "refund", "7"),
    ("9", "b", 60, -3_000, "cancellation", "7"),
    ("10", "c", 70, 150_001, "sale", None),
    ("11", "c", 90, -1_000, "cancellation", None),
)
LEDGER = "(SELECT * FROM cells WHERE TRUE)"
COLUMNS = (
    "source text, order_id text, client text, instant bigint, day integer, "
    "amount bigint, kind text, cancels text"
)


def rows(cells: Sequence[Cells]) -> list[tuple[Any, ...]]:
    return [
        ("shop", number, client, (DAY + day) * 86_400, DAY + day, amount, kind, cancels)
        for number, client, day, amount, kind, cancels in cells
    ]


def by_duckdb(_: Engine, cells: Sequence[Cells]) -> LedgerReport:
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"CREATE TABLE cells ({COLUMNS})")
        if cells:
            connection.executemany("INSERT INTO cells VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows(cells))
        return describe(lambda sql: connection.execute(sql).fetchall(), LEDGER)


def by_database(engine: Engine, cells: Sequence[Cells]) -> LedgerReport:
    with engine.connect() as connection:
        connection.execute(text(f"CREATE TEMPORARY TABLE cells ({COLUMNS})"))
        marks = ", ".join(f":{number}" for number in "abcdefgh")
        for row in rows(cells):
            connection.execute(
                text(f"INSERT INTO cells VALUES ({marks})"), dict(zip("abcdefgh", row, strict=True))
            )
        return describe(lambda sql: list(connection.execute(text(sql)).all()), LEDGER)


@pytest.fixture(params=[by_duckdb, by_database])
def described(request: pytest.FixtureRequest, engine: Engine) -> Callable[[Sequence[Cells]], LedgerReport]:
    return lambda cells: request.param(engine, cells)


@dataclass(frozen=True, kw_only=True)
class Kept:
    at: datetime


Described = Callable[[Sequence[Cells]], LedgerReport]


def test_sums_tell_kinds_guests_and_orders_of_nothing(described: Described) -> None:
    report = described(CASES)
    assert (report.orders, report.clients) == (11, 3)
    assert report.net == sum(amount for _, _, _, amount, _, _ in CASES) == 156_501
    assert report.gross == 163_001
    assert (report.guests, report.guests_net, report.zero_orders) == (1, 5_000, 1)
    assert report.guests_share == pytest.approx(5_000 / 156_501)
    kinds = {each.kind: (each.orders, each.amount) for each in report.kinds}
    assert kinds == {"sale": (7, 163_001), "refund": (1, -500), "cancellation": (3, -6_000)}


def test_days_without_orders_are_told_from_a_week_on(described: Described) -> None:
    report = described(CASES)
    assert (report.first_day, report.last_day, report.days_with_orders) == (DAY, DAY + 90, 9)
    assert report.gaps == (
        Gap(first_day=DAY + 22, last_day=DAY + 59),
        Gap(first_day=DAY + 71, last_day=DAY + 89),
        Gap(first_day=DAY + 4, last_day=DAY + 19),
        Gap(first_day=DAY + 61, last_day=DAY + 69),
    )
    week = [("1", "a", 0, 1, "sale", None), ("2", "a", 7, 1, "sale", None), ("3", "a", 15, 1, "sale", None)]
    assert [gap.days for gap in described(week).gaps] == [7]


def test_cancelled_sales_are_paired_by_the_rule_and_by_name(described: Described) -> None:
    report = described(CASES)
    assert [(pair.sale, pair.cancellation, pair.amount, pair.linked) for pair in report.voids] == [
        ("7", "9", 3_000, True),
        ("3", "4", 2_000, False),
    ]
    assert (report.void_count, report.void_sum) == (2, 5_000)
    assert report.voids[0].after_s == 40 * 86_400


def test_a_sale_of_many_medians_stands_out_and_equal_orders_are_counted(described: Described) -> None:
    report = described(CASES)
    assert (report.median_sale, report.repeats) == (2_500 + 500, 1)
    assert [(one.order_id, one.medians) for one in report.outliers] == [("10", 50.0)]
    assert report.outlier_count == 1
    calm = [cell if cell[0] != "10" else ("10", "c", 70, 150_000, "sale", None) for cell in CASES]
    assert described(calm).outliers == ()


def test_a_ledger_without_orders_has_a_report_too(described: Described) -> None:
    report = described(())
    assert (report.orders, report.net, report.first_day, report.median_sale) == (0, 0, None, None)
    assert report.guests_share is None


def test_a_report_survives_being_kept(described: Described) -> None:
    report = described(CASES)
    assert from_plain(LedgerReport, to_plain(report)) == report


def test_only_published_orders_are_described(tx: SqlTransactions) -> None:
    def bring(uow: SqlUnitOfWork, number: str, client: str | None, *, published: bool) -> None:
        import_id = begin(uow)
        identities = identities_of(uow, [client], import_id)
        uow.orders.add(order_table([(number, client, 700)], identities), "default", import_id)
        if published:
            set_state(uow, import_id)

    tx.run(bring, "1", "a", published=True)
    tx.run(bring, "2", None, published=True)
    tx.run(bring, "3", "b", published=False)
    report, totals = tx.read(lambda uow: (uow.reports.orders(), uow.reports.totals()))
    assert (report.orders, report.clients, report.net, report.guests) == (2, 1, 1_400, 1)
    assert (totals.orders, totals.net) == (2, 1_400)
    people = tx.read(lambda uow: uow.reports.clients())
    assert (people.clients, people.with_email) == (1, 0)


def test_the_report_of_an_import_is_replaced(tx: SqlTransactions) -> None:
    number = tx.run(begin)
    assert tx.read(lambda uow: uow.reports.of_import(number)) is None
    tx.run(lambda uow: uow.reports.keep(number, {"value": 1}))
    tx.run(lambda uow: uow.reports.keep(number, {"value": 2, "word": "ł"}))
    assert tx.read(lambda uow: uow.reports.of_import(number)) == {"value": 2, "word": "ł"}


def test_moments_are_kept_with_their_zone() -> None:
    kept = to_plain(Kept(at=datetime(2026, 1, 2, tzinfo=UTC)))
    assert kept == {"at": "2026-01-02T00:00:00+00:00"}
    assert from_plain(Kept, kept) == Kept(at=datetime(2026, 1, 2, tzinfo=UTC))

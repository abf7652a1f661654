"""What a run forecasts of the company: one specification, both databases."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from tests.support.company import OUTSIDE, PEOPLE, Person, scored
from tests.support.ledgers import DAY, NOW, begin, clear, identities_of, orders, set_state
from tests.support.scores import version

from salesml.core.clients import DEFAULT_SOURCE
from salesml.core.days import date_of
from salesml.core.errors import NoModel
from salesml.core.forecasts import CompanyForecast
from salesml.core.models import Target
from salesml.db.transactions import SqlTransactions
from salesml.db.unit_of_work import SqlUnitOfWork
from salesml.services import clients, company, dashboard, forecasts, installation, merges

BY: dict[str, Any] = {"actor": "ann@shop.example", "now": NOW}


@pytest.fixture
def tx(engine: Engine) -> SqlTransactions:
    made = SqlTransactions(engine)
    made.run(installation.initialise, currency="PLN", timezone="Europe/Warsaw", now=NOW)
    return made


def latest(tx: SqlTransactions) -> CompanyForecast:
    return tx.read(forecasts.latest)[0]


def listed(uow: SqlUnitOfWork) -> int:
    """What the list of clients shows, added up."""
    run = uow.predictions.latest_run()
    assert run is not None
    total: int = sum(uow.predictions.scores(run.id)["predicted_sales"].to_pylist())
    return total


def test_clients_are_repeating_while_their_last_purchase_is_recent(tx: SqlTransactions) -> None:
    tx.run(scored, PEOPLE)
    found = latest(tx)
    assert found.parts == {"repeat": 1_021, "reactivated": 307, "new": 5_000, "guest": 250}
    assert (found.total, found.clients_total, found.last_period) == (6_578, 1_328, 6_600)
    assert found.lower is not None
    assert found.upper is not None
    assert found.lower < found.total < found.upper


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    people=st.lists(
        st.tuples(st.none() | st.integers(0, 200), st.integers(0, 10**12)), min_size=1, max_size=9
    )
)
def test_the_parts_add_up_to_the_stored_forecasts_of_clients(
    engine: Engine, tx: SqlTransactions, people: list[Person]
) -> None:
    clear(engine)
    tx.run(installation.initialise, currency="PLN", timezone="Europe/Warsaw", now=NOW)
    tx.run(scored, people)
    found = latest(tx)
    assert (
        found.repeat_sales + found.reactivated_sales == tx.read(listed) == sum(sales for _, sales in people)
    )
    summary = tx.read(dashboard.summary)
    assert summary is not None
    assert summary.scored is not None
    assert found.clients_total == summary.scored.forecast_total


def _deleted(uow: SqlUnitOfWork, ids: list[int]) -> None:
    clients.delete(uow, ids[0], **BY)


def _two_deleted(uow: SqlUnitOfWork, ids: list[int]) -> None:
    clients.delete(uow, ids[3], **BY)
    clients.delete(uow, ids[1], **BY)


def _merged(uow: SqlUnitOfWork, ids: list[int]) -> None:
    merges.merge(uow, ids[0], [ids[2]], **BY)


def _merged_and_undone(uow: SqlUnitOfWork, ids: list[int]) -> None:
    (made,) = merges.merge(uow, ids[0], [ids[2]], **BY)
    merges.undo(uow, made.id, **BY)


@pytest.mark.parametrize(
    ("change", "total"),
    [(_deleted, 327), (_two_deleted, 1_301), (_merged, 1_028), (_merged_and_undone, 1_328)],
)
def test_the_newest_parts_follow_who_is_a_client_and_older_ones_stay(
    tx: SqlTransactions, change: Callable[[SqlUnitOfWork, list[int]], None], total: int
) -> None:
    older = tx.run(scored, PEOPLE, OUTSIDE, DAY - 1)
    before = tx.read(lambda uow: uow.forecasts.get(older))
    tx.run(scored, PEOPLE)
    ids = tx.read(lambda uow: uow.clients.roster())["client_id"].to_pylist()
    tx.run(change, ids)
    found = latest(tx)
    assert found.clients_total == total == tx.read(listed)
    assert found.total == total + 5_250
    assert (found.lower or 0) < found.total < (found.upper or 0)
    assert tx.read(lambda uow: uow.forecasts.get(older)) == before


def test_a_run_of_an_older_date_is_not_the_one_that_pages_show(tx: SqlTransactions) -> None:
    newest = tx.run(scored, PEOPLE)
    older = tx.run(scored, PEOPLE[:2], replace(OUTSIDE, last_period=None), DAY - 7)
    assert latest(tx).run_id == newest
    page, currency = tx.read(forecasts.page)
    assert [each.run_id for each in page.items] == [older, newest]
    assert (page.items[0].clients_total, currency.code) == (1_021, "PLN")


def test_without_past_totals_there_is_no_interval_and_it_says_why(tx: SqlTransactions) -> None:
    tx.run(scored, PEOPLE, replace(OUTSIDE, windows=OUTSIDE.windows[:1]))
    found = latest(tx)
    assert (found.lower, found.upper, found.evidence["no_interval"]) == (None, None, "too_few_windows")


def test_before_the_first_run_nothing_is_forecast(tx: SqlTransactions) -> None:
    with pytest.raises(NoModel, match="salesml score"):
        tx.read(forecasts.latest)


GuestOrder = tuple[int, int, int | None]
"""Day after DAY, amount (a cancellation below 0), place of the order that it names."""


def bring(uow: SqlUnitOfWork, rows: Sequence[GuestOrder], import_id: int | None = None) -> None:
    """Orders g0, g1 ... of guests, and one of a client that no figure may count."""
    cells = [(f"g{place}", None, amount) for place, (_, amount, _) in enumerate(rows)]
    kinds = {f"g{place}": "cancellation" for place, (_, amount, _) in enumerate(rows) if amount < 0}
    named = {f"g{place}": f"g{sale}" for place, (_, _, sale) in enumerate(rows) if sale is not None}
    days = [DAY + day for day, _, _ in rows]
    table = orders(cells, {}, kinds=kinds, cancels=named)
    for name, kind, values in (
        ("ordered_day", pa.int32(), days),
        ("ordered_at", pa.int64(), [day * 86_400 for day in days]),
    ):
        table = table.set_column(table.schema.get_field_index(name), name, pa.array(values, kind))
    uow.orders.add(table, DEFAULT_SOURCE, import_id)
    identities = identities_of(uow, ["ann"], None)
    uow.orders.add(orders([("a", "ann", 77)], identities), DEFAULT_SOURCE, None)


def slow_guests(rows: Sequence[GuestOrder], end: int, count: int, days: int) -> list[int]:
    """Period by period, order by order; of several cancellations the first one in time takes a sale."""
    void: dict[int, int] = {}
    for place, (day, amount, sale) in sorted(enumerate(rows), key=lambda each: (each[1][0], each[0])):
        if sale is None or sale >= len(rows) or sale in void or max(day, rows[sale][0]) > end:
            continue
        if amount < 0 and rows[sale][1] == -amount:
            void[sale] = void[place] = max(day, rows[sale][0])
    sums = []
    for period in range(count):
        last = end - period * days
        inside = [
            amount
            for place, (day, amount, _) in enumerate(rows)
            if last - days < day <= last and void.get(place, last + 1) > last
        ]
        sums.append(sum(inside))
    return sums


GUESTS = st.lists(
    st.tuples(
        st.integers(0, 40),
        st.sampled_from([500, 500, 900, -500, -900, 7_000_000_001]),
        st.none() | st.integers(0, 9),
    ),
    max_size=10,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=GUESTS, end=st.integers(20, 40))
@example(rows=[(3, 500, None), (9, -500, 0), (5, -500, 0)], end=20)
def test_sales_of_guests_are_summed_by_period_without_what_was_void_in_it(
    engine: Engine, tx: SqlTransactions, rows: list[GuestOrder], end: int
) -> None:
    clear(engine)
    tx.run(bring, rows)
    found = tx.read(lambda uow: uow.forecasts.guest_sales(DAY + end, 3, 10))
    assert found == slow_guests(rows, end, 3, 10)


def test_guests_of_an_import_that_is_not_published_are_not_counted(tx: SqlTransactions) -> None:
    import_id = tx.run(begin)
    tx.run(bring, [(5, 900, None)], import_id)
    ask: Callable[[SqlUnitOfWork], Sequence[int]] = lambda uow: uow.forecasts.guest_sales(DAY + 9, 1, 10)  # noqa: E731
    assert tx.read(ask) == [0]
    tx.run(set_state, import_id)
    assert tx.read(ask) == [900]


def dated(uow: SqlUnitOfWork, rows: Sequence[tuple[str | None, int, int]], first: int) -> None:
    """Orders by client (None: a guest), day after DAY and amount; those below 0 are cancellations."""
    cells = [(f"p{first + place}", client, amount) for place, (client, _, amount) in enumerate(rows)]
    kinds = {number: "cancellation" for number, _, amount in cells if amount < 0}
    table = orders(cells, identities_of(uow, [client for client, _, _ in rows], None), kinds=kinds)
    for name, kind, values in (
        ("ordered_day", pa.int32(), [DAY + day for _, day, _ in rows]),
        ("ordered_at", pa.int64(), [(DAY + day) * 86_400 for _, day, _ in rows]),
    ):
        table = table.set_column(table.schema.get_field_index(name), name, pa.array(values, kind))
    uow.orders.add(table, DEFAULT_SOURCE, None)


DATED = st.lists(
    st.tuples(
        st.sampled_from([None, "ann", "bob", "cid", "dan"]),
        st.integers(-200, 0),
        st.sampled_from([500, 900, -500, -900, 0]),
    ),
    max_size=12,
)
LATER = DATED.map(lambda rows: [(client, 1 - day, amount) for client, day, amount in rows])
WINDOWS = [
    {"as_of": date_of(DAY - back).isoformat(), "predicted_total": 800, "actual_total": 700}
    for back in (30, 60, 75)
]


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(past=DATED, future=LATER)
def test_orders_after_the_as_of_date_change_nothing(
    engine: Engine, tx: SqlTransactions, past: list[Any], future: list[Any]
) -> None:
    clear(engine)
    tx.run(dated, [("ann", -200, 1), *past], 0)
    sales = tx.run(lambda uow: uow.models.get(version(uow, Target.SALES)))
    tried = replace(sales, evidence={"windows": WINDOWS})
    before = company.outside(tx.read(company.load, DAY, tried), tried)
    tx.run(dated, [("eva", 5, 10_000), (None, 6, 999), *future], 100)
    assert company.outside(tx.read(company.load, DAY, tried), tried) == before
    assert before.periods == 6


def test_what_is_beside_the_clients_is_what_is_counted_by_hand(tx: SqlTransactions) -> None:
    rows = [("ann", -89, 100), (None, -89, 40), ("ann", -50, 300), ("bob", -40, 70), (None, -40, 60)]
    rows += [("bob", -10, 1_000), ("cid", -5, 90), (None, 0, 80)]
    tx.run(dated, rows, 0)
    sales = tx.run(lambda uow: uow.models.get(version(uow, Target.SALES)))
    window = {"as_of": date_of(DAY - 30).isoformat(), "predicted_total": 800, "actual_total": 1_000}
    tried = replace(sales, evidence={"windows": [window]})
    found = company.outside(tx.read(company.load, DAY, tried), tried)
    # New by period: 90, 70, 100; guests: 80, 60, 40.
    assert (found.periods, found.last_period) == (3, 1_000 + 90 + 80)
    assert (found.new.method, found.new.forecast) == ("level", _level(90, 70, 100))
    (told,) = found.windows
    assert told["actual"] == 1_000 + 90 + 80
    assert told["forecast"] == 800 + _level(70, 100) + _level(60, 40)


def _level(*past: int) -> int:
    weights: list[float] = [0.5 ** (place / 2) for place in range(len(past))]
    total = sum(weight * each for weight, each in zip(weights, past, strict=True))
    return round(total / sum(weights))

"""Figures of the main page, kept up to date by what changes them: one specification, both databases."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from threading import Barrier

import pyarrow as pa
import pytest
from tests.support.ledgers import NOW, begin, identities_of, orders, set_state
from tests.support.scores import score, score_rows, version

from salesml.core.clients import DEFAULT_SOURCE
from salesml.core.dashboard import ScoredFigures, Selection
from salesml.core.days import epoch_day
from salesml.core.errors import InvalidValue
from salesml.core.imports import ImportState
from salesml.core.installation import Installation
from salesml.core.models import Target
from salesml.core.money import Currency
from salesml.db.transactions import SqlTransactions
from salesml.db.unit_of_work import SqlUnitOfWork
from salesml.services import dashboard, threshold

SHOP = Installation(
    id="5f0c",
    currency=Currency("PLN"),
    timezone="Europe/Warsaw",
    simulated=False,
    threshold=0.7,
    created_at=NOW,
)
LATER = datetime(2026, 2, 1, tzinfo=UTC)


@pytest.fixture
def tx(tx: SqlTransactions) -> SqlTransactions:
    """Three clients, forecast to buy for 9.00, 0.00 and 9.00, at 0.25, 0.1 and 0.75."""

    def fill(uow: SqlUnitOfWork) -> None:
        uow.installation.put(SHOP)
        uow.clients.create(DEFAULT_SOURCE, ["a", "b", "c"], None)
        score(uow, version(uow, Target.SALES), version(uow, Target.PURCHASE))

    tx.run(fill)
    return tx


def scored(tx: SqlTransactions) -> ScoredFigures:
    found = tx.read(dashboard.summary)
    assert found is not None
    assert found.scored is not None
    return found.scored


def ledger(uow: SqlUnitOfWork, amounts: Mapping[str, int], import_id: int | None = None) -> None:
    """One order of client a on each of the dates."""
    rows = [(day, "a", amount) for day, amount in amounts.items()]
    table = orders(rows, identities_of(uow, ["a"], None))
    days = pa.array([epoch_day(date.fromisoformat(day)) for day in amounts], pa.int32())
    place = table.schema.get_field_index("ordered_day")
    uow.orders.add(table.set_column(place, "ordered_day", days), DEFAULT_SOURCE, import_id)


def months(tx: SqlTransactions) -> dict[str, tuple[int, int, bool]]:
    trend = tx.read(dashboard.sales_trend)
    return {each.month: (each.net, each.orders, each.is_complete) for each in trend.months}


def test_the_sums_of_a_run_are_prepared(tx: SqlTransactions) -> None:
    tx.run(dashboard.refresh, LATER)
    found = tx.read(dashboard.summary)
    assert found is not None
    assert (found.clients, found.computed_at) == (3, LATER)
    figures = scored(tx)
    assert (figures.clients, figures.forecast_total, figures.as_of_day) == (3, 1800, 20_000)
    assert figures.selection == Selection(threshold=0.7, clients=1, expected_buyers=0.75)
    assert figures.versions.keys() == set(Target)
    assert figures.scored_at == NOW


def test_a_threshold_changes_what_it_selects_and_nothing_else(tx: SqlTransactions) -> None:
    tx.run(dashboard.refresh, NOW)
    before = scored(tx)
    changed = tx.run(threshold.change, 0.25, actor="ann@shop.example", now=LATER)
    assert changed.selection == Selection(threshold=0.25, clients=2, expected_buyers=1.0)
    after = scored(tx)
    assert after.selection == changed.selection
    assert (after.forecast_total, after.scored_at) == (before.forecast_total, before.scored_at)
    assert tx.read(threshold.get).value == 0.25
    (event,) = tx.read(lambda uow: uow.audit.latest())
    assert (event.action, event.detail) == ("threshold.changed", {"before": 0.7, "after": 0.25})


def test_the_same_threshold_again_is_no_change(tx: SqlTransactions) -> None:
    tx.run(threshold.change, 0.7, actor="ann@shop.example", now=LATER)
    assert tx.read(lambda uow: uow.audit.latest()) == []


@pytest.mark.parametrize("value", [-0.01, 1.01, float("nan")])
def test_what_is_no_probability_is_no_threshold(tx: SqlTransactions, value: float) -> None:
    tx.run(dashboard.refresh, NOW)
    with pytest.raises(InvalidValue):
        tx.run(threshold.change, value, actor="ann@shop.example", now=LATER)
    with pytest.raises(InvalidValue):
        tx.read(threshold.get, value)


def test_a_new_client_is_counted_and_not_scored(tx: SqlTransactions) -> None:
    tx.run(dashboard.refresh, NOW)

    def add(uow: SqlUnitOfWork) -> None:
        uow.clients.create(DEFAULT_SOURCE, ["d"], None)
        dashboard.client_added(uow, LATER)

    tx.run(add)
    found = tx.read(dashboard.summary)
    assert found is not None
    assert (found.clients, scored(tx).clients) == (4, 3)


def test_clients_that_come_at_one_time_are_all_counted(tx: SqlTransactions) -> None:
    together = Barrier(4)

    def add(uow: SqlUnitOfWork, name: str) -> None:
        uow.clients.create(DEFAULT_SOURCE, [name], None)
        dashboard.client_added(uow, LATER)

    def race(name: str) -> None:
        together.wait()
        tx.run(add, name)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(race, "defg"))
    found = tx.read(dashboard.summary)
    assert found is not None
    assert found.clients == 7


def test_clients_of_an_import_that_is_taken_back_are_in_no_figure(tx: SqlTransactions) -> None:
    def more(uow: SqlUnitOfWork) -> int:
        number = begin(uow)
        uow.clients.create(DEFAULT_SOURCE, ["d"], number)
        set_state(uow, number)
        uow.predictions.write(_run(uow), _fourth(uow))
        dashboard.clients_changed(uow, NOW)
        return number

    number = tx.run(more)
    assert (scored(tx).clients, scored(tx).forecast_total) == (4, 2700)
    assert scored(tx).selection.clients == 2

    def hide(uow: SqlUnitOfWork) -> None:
        set_state(uow, number, ImportState.REMOVING)
        dashboard.clients_changed(uow, LATER)

    tx.run(hide)
    assert (scored(tx).clients, scored(tx).forecast_total, scored(tx).selection.clients) == (3, 1800, 1)


def _run(uow: SqlUnitOfWork) -> int:
    latest = uow.predictions.latest_run()
    assert latest is not None
    return latest.id


def _fourth(uow: SqlUnitOfWork) -> pa.Table:
    newest = uow.clients.roster().column("client_id").slice(3, 1)
    like_the_third = score_rows(uow.clients.roster().column("client_id").slice(0, 3)).slice(2, 1)
    return like_the_third.drop_columns(["client_id"]).append_column("client_id", newest)


def test_months_are_those_of_the_business_calendar_and_add_up(tx: SqlTransactions) -> None:
    tx.run(ledger, {"2025-11-30": 500, "2025-12-01": 700, "2025-12-31": -200, "2026-02-03": 10})
    tx.run(dashboard.sales_changed, NOW)
    assert months(tx) == {
        "2025-11": (500, 1, True),
        "2025-12": (500, 2, True),
        "2026-01": (0, 0, True),
        "2026-02": (10, 1, False),
    }


def test_the_trend_holds_two_years(tx: SqlTransactions) -> None:
    tx.run(ledger, {"2020-01-01": 1, "2024-01-31": 2, "2024-02-01": 4, "2026-01-31": 8})
    tx.run(dashboard.sales_changed, NOW)
    found = months(tx)
    assert (len(found), min(found), max(found)) == (24, "2024-02", "2026-01")
    assert sum(net for net, _, _ in found.values()) == 12
    assert found["2026-01"] == (8, 1, True)


def test_only_months_that_changed_are_computed_anew(tx: SqlTransactions) -> None:
    tx.run(ledger, {"2025-11-05": 500, "2026-01-05": 700})
    tx.run(dashboard.sales_changed, NOW)

    def more(uow: SqlUnitOfWork) -> None:
        ledger(uow, {"2025-11-06": 1, "2025-12-05": 20, "2026-02-28": 300})
        december, february = (epoch_day(date.fromisoformat(day)) for day in ("2025-12-05", "2026-02-28"))
        dashboard.sales_changed(uow, LATER, december, february)

    tx.run(more)
    # November was not named as changed, so what it held is kept.
    assert months(tx) == {
        "2025-11": (500, 1, True),
        "2025-12": (20, 1, True),
        "2026-01": (700, 1, True),
        "2026-02": (300, 1, True),
    }


def test_without_orders_there_is_no_month(tx: SqlTransactions) -> None:
    tx.run(dashboard.refresh, NOW)
    assert months(tx) == {}


def test_orders_of_an_unpublished_import_are_in_no_month(tx: SqlTransactions) -> None:
    def hidden(uow: SqlUnitOfWork) -> int:
        number = begin(uow)
        ledger(uow, {"2026-01-05": 700}, number)
        dashboard.sales_changed(uow, NOW)
        return number

    number = tx.run(hidden)
    assert months(tx) == {}
    tx.run(set_state, number)
    tx.run(dashboard.sales_changed, NOW)
    assert months(tx) == {"2026-01": (700, 1, False)}

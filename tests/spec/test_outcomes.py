"""What came of forecasts, counted by hand: one specification, both databases."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from sqlalchemy import Engine
from tests.support.company import OUTSIDE, Person, scored
from tests.support.ledgers import DAY, NOW, begin, contents, identities_of, orders, set_state

from salesml.core.clients import DEFAULT_SOURCE
from salesml.core.errors import JobFailed, NotFound
from salesml.core.files import Staged
from salesml.core.forecasts import ForecastOutcome
from salesml.core.imports import ImportCounts
from salesml.core.jobs import Job, JobKind
from salesml.core.models import Target
from salesml.db.transactions import SqlTransactions
from salesml.db.unit_of_work import SqlUnitOfWork
from salesml.jobs.runner import run_in_foreground
from salesml.services import imports, installation, judging, outcomes
from salesml.wiring import App

PEOPLE: Sequence[Person] = ((5, 1_000), (120, 500), (None, 0))
BOUNDS = ((800, 950), (0, 300), (0, 0))
Cells = tuple[str | None, int, int]
"""Client, day after DAY, amount."""
LEDGER: Sequence[Cells] = (
    ("c1", -120, 4_000),
    ("c0", -5, 600),
    ("c0", 3, 700),
    ("c0", 5, 900),
    ("c0", 10, -900),
    ("c0", 20, 200),
    ("c1", 30, 400),
    ("c0", 31, 50),
    ("d", 12, 250),
    (None, 15, 80),
)
"""A sale of 900 is cancelled inside the 30 days; d is new in them; one order comes behind them."""


def bring(uow: SqlUnitOfWork, rows: Sequence[Cells], first: int = 0, import_id: int | None = None) -> None:
    names = [(f"o{first + place}", client, amount) for place, (client, _, amount) in enumerate(rows)]
    kinds = {number: "cancellation" for number, _, amount in names if amount < 0}
    table = orders(names, identities_of(uow, [client for client, _, _ in rows], None), kinds=kinds)
    days = [DAY + day for _, day, _ in rows]
    for name, kind, values in (
        ("ordered_day", pa.int32(), days),
        ("ordered_at", pa.int64(), [day * 86_400 for day in days]),
    ):
        table = table.set_column(table.schema.get_field_index(name), name, pa.array(values, kind))
    uow.orders.add(table, DEFAULT_SOURCE, import_id)


@pytest.fixture
def run_id(app: App, tx: SqlTransactions) -> int:
    """A run of DAY, and the ledger as it is a month later; c2 has never done anything."""
    made = tx.run(scored, PEOPLE, OUTSIDE, DAY, BOUNDS)
    tx.run(bring, LEDGER)
    return made


def judge(app: App, *, again: bool = False) -> Job:
    job = app.tx.run(outcomes.enqueue, again=again, actor="ann@shop.example", now=NOW)
    return run_in_foreground(app, job, lambda _: None)


def of(app: App, run_id: int) -> dict[Target, ForecastOutcome]:
    return {each.target: each for each in app.tx.read(lambda uow: uow.outcomes.of_run(run_id))}


def happened(app: App, run_id: int) -> dict[str, Any]:
    forecast = app.tx.read(lambda uow: uow.forecasts.get(run_id))
    assert forecast is not None
    return dict(forecast.outcome or {})


def test_an_outcome_is_what_is_counted_by_hand(app: App, run_id: int) -> None:
    assert judge(app).result == {"runs": 1}
    sales, purchase = (of(app, run_id)[target] for target in (Target.SALES, Target.PURCHASE))
    assert (sales.clients, sales.as_of_day, sales.horizon_days) == (3, DAY, 30)
    # Forecast 10, 5 and 0, sold 9, 4 and 0.
    assert sales.metrics["mae"] == pytest.approx(2 / 3)
    assert sales.metrics["rmse"] == pytest.approx((2 / 3) ** 0.5)
    assert sales.metrics["aggregate_error"] == pytest.approx(15 / 13 - 1)
    assert sales.metrics["intervals"] == {"clients": 3, "coverage": 2 / 3, "above": 0.5, "bounded": 2}
    # The last 30 days once more are 6, 0 and 0.
    assert sales.baselines["repeat_last_30_days"]["mae"] == pytest.approx((3 + 4) / 3)
    # One of three bought within 14 days, all at 0.5.
    assert purchase.metrics["confusion_matrix"] == {"tn": 2, "fp": 0, "fn": 1, "tp": 0}
    assert purchase.metrics["brier"] == pytest.approx(0.25)
    assert purchase.metrics["base_rate"] == pytest.approx(1 / 3)
    assert (purchase.metrics["mean_probability"], purchase.metrics["threshold"]) == (0.5, 0.7)
    company = happened(app, run_id)
    assert company["parts"] == {"repeat": 900, "reactivated": 400, "new": 250, "guest": 80}
    assert (company["actual"], company["inside"]) == (1_630, False)


def test_the_outcomes_of_a_version_are_those_of_its_runs(app: App, run_id: int) -> None:
    judge(app)
    run = app.tx.read(lambda uow: uow.predictions.get_run(run_id))
    (found,) = app.tx.read(outcomes.of_version, run.sales_version_id)
    assert (found.run_id, found.target) == (run_id, Target.SALES)
    with pytest.raises(NotFound):
        app.tx.read(outcomes.of_version, 999)


def test_forecasts_stay_as_they_were_stored(app: App, run_id: int, engine: Engine) -> None:
    before = contents(engine)
    judge(app)
    after = contents(engine)
    changed = {name for name in before if before[name] != after[name]}
    assert changed <= {"forecast_outcomes", "company_forecasts", "jobs", "summaries"}
    parts = [row[:9] for row in before["company_forecasts"]]
    assert [row[:9] for row in after["company_forecasts"]] == parts


def test_each_target_is_judged_when_its_own_days_are_over(app: App, tx: SqlTransactions) -> None:
    made = tx.run(scored, PEOPLE)
    tx.run(bring, [("c0", -60, 100), ("c0", 13, 100)])
    assert app.tx.run(outcomes.ask, NOW) is None
    tx.run(bring, [("c0", 14, 100)], 5)
    judge(app)
    assert set(of(app, made)) == {Target.PURCHASE}
    tx.run(bring, [("c0", 30, 100)], 6)
    judge(app)
    assert set(of(app, made)) == {Target.PURCHASE, Target.SALES}


def test_an_import_asks_for_what_has_matured_and_only_once(
    app: App, tx: SqlTransactions, run_id: int
) -> None:
    import_id = tx.run(begin)
    tx.run(set_state, import_id)
    for _ in range(2):
        app.tx.run(outcomes.ask, NOW)
    (job,) = app.tx.read(lambda uow: uow.jobs.unfinished(JobKind.OUTCOMES))
    assert run_in_foreground(app, job, lambda _: None).result == {"runs": 1}
    assert app.tx.run(outcomes.ask, NOW) is None


def test_what_is_recorded_twice_stays_as_it_was_first(app: App, run_id: int) -> None:
    found = app.tx.read(outcomes.due, NOW)
    ledger, (served,) = app.tx.read(outcomes.load, found)
    here = app.tx.read(installation.current)
    judgement = judging.judge(ledger, served, NOW, here.currency)
    assert app.tx.run(outcomes.record, judgement) == 2
    first, company = of(app, run_id), happened(app, run_id)
    later = judging.judge(ledger, replace(served, guests=0), NOW + timedelta(days=1), here.currency)
    assert app.tx.run(outcomes.record, later) == 0
    assert (of(app, run_id), happened(app, run_id)) == (first, company)


def test_later_orders_change_an_outcome_only_when_it_is_asked_for_again(
    app: App, tx: SqlTransactions, run_id: int
) -> None:
    judge(app)
    first = of(app, run_id)
    tx.run(bring, [("c1", 2, 1_000)], 50)
    assert judge(app).result == {"runs": 0}
    assert of(app, run_id) == first
    assert judge(app, again=True).result == {"runs": 1}
    assert of(app, run_id)[Target.PURCHASE].metrics["base_rate"] == pytest.approx(2 / 3)
    assert happened(app, run_id)["actual"] == 2_630


def test_what_dies_half_way_leaves_whole_outcomes_and_the_rest_to_the_next_attempt(
    app: App, tx: SqlTransactions, run_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = tx.run(scored, PEOPLE, OUTSIDE, DAY - 1)
    whole = judging.judge

    def dying(*args: Any) -> outcomes.Judgement:
        if args[1].due.run.id == second:
            raise RuntimeError("killed")
        return whole(*args)

    with monkeypatch.context() as patch:
        patch.setattr(judging, "judge", dying)
        with pytest.raises(JobFailed):
            judge(app)
    kept = of(app, run_id)
    assert (set(kept), of(app, second)) == (set(Target), {})
    assert judge(app).result == {"runs": 1}
    assert (of(app, run_id), set(of(app, second))) == (kept, set(Target))


def test_a_published_import_of_orders_lets_forecasts_be_judged(app: App, tx: SqlTransactions) -> None:
    tx.run(scored, PEOPLE)
    import_id = tx.run(begin)
    tx.run(bring, LEDGER, 0, import_id)
    assert app.tx.run(outcomes.ask, NOW) is None
    tx.run(_finish, import_id)
    assert len(app.tx.read(lambda uow: uow.jobs.unfinished(JobKind.OUTCOMES))) == 1


def _finish(uow: SqlUnitOfWork, import_id: int) -> None:
    staged = Staged(folder=Path(), rows=len(LEDGER), good=len(LEDGER), rejected=0)
    uow.imports.set_counts(import_id, ImportCounts(rows=len(LEDGER), accepted=len(LEDGER)))
    imports.finish(uow, import_id, staged, NOW)

"""Which forecasts are kept: one specification, both databases."""

from datetime import date

import pytest
from sqlalchemy import Engine
from tests.support.company import OUTSIDE, PEOPLE, scored
from tests.support.ledgers import NOW, contents

from salesml.core.days import date_of, epoch_day
from salesml.core.forecasts import ForecastOutcome
from salesml.core.models import HORIZON_DAYS, Target
from salesml.db.transactions import SqlTransactions
from salesml.db.unit_of_work import SqlUnitOfWork
from salesml.services import installation, predictions

DAYS = ("2024-05-30", "2024-05-31", "2024-06-14", "2024-06-20", "2024-07-02", "2024-09-28", "2024-09-30")


@pytest.fixture
def tx(engine: Engine) -> SqlTransactions:
    made = SqlTransactions(engine)
    made.run(installation.initialise, currency="PLN", timezone="Europe/Warsaw", now=NOW)
    return made


def judge(uow: SqlUnitOfWork, run_id: int) -> None:
    run = uow.predictions.get_run(run_id)
    for target, horizon in HORIZON_DAYS.items():
        outcome = ForecastOutcome(
            run_id=run_id,
            target=target,
            horizon_days=horizon,
            version_id=run.sales_version_id,
            as_of_day=run.as_of_day,
            clients=4,
            metrics={"deciding_metric": "rmse", "rmse": 1.0},
            baselines={},
            computed_at=NOW,
        )
        uow.outcomes.put(outcome)


def told_of(uow: SqlUnitOfWork, runs: list[int]) -> list[tuple[int, bool]]:
    """Number of outcomes, and whether there is a forecast of the company, by run."""
    return [(len(uow.outcomes.of_run(run)), uow.forecasts.get(run) is not None) for run in runs]


def kept(engine: Engine, runs: dict[int, str]) -> dict[str, set[str]]:
    """Dates whose forecasts are there, by table."""
    tables = contents(engine)
    names = [f"{target}_predictions" for target in Target]
    return {name: {runs[int(str(row[0]))] for row in tables[name]} for name in names}


def test_old_forecasts_go_but_for_the_newest_of_each_month_and_outcomes_stay(
    tx: SqlTransactions, engine: Engine
) -> None:
    days = [epoch_day(date.fromisoformat(day)) for day in DAYS]
    runs = {tx.run(scored, PEOPLE, OUTSIDE, day): date_of(day).isoformat() for day in days}
    for run_id, day in runs.items():
        if day != "2024-06-14":
            tx.run(judge, run_id)
    while tx.run(predictions.sweep, 3):
        pass
    # 2024-05-30 alone is old, judged, and not the newest of its month.
    left = set(DAYS) - {"2024-05-30"}
    assert kept(engine, runs) == dict.fromkeys(("sales_predictions", "purchase_predictions"), left)
    (unjudged,) = [run_id for run_id, day in runs.items() if day == "2024-06-14"]
    tx.run(judge, unjudged)
    while tx.run(predictions.sweep, 3):
        pass
    left -= {"2024-06-14"}
    assert kept(engine, runs)["sales_predictions"] == left
    assert tx.read(told_of, list(runs)) == [(len(Target), True)] * len(runs)


def test_ninety_days_are_counted_from_the_newest_run(tx: SqlTransactions, engine: Engine) -> None:
    first = epoch_day(date(2024, 6, 10))
    days = (first, first + 1, first + 2, first + 91)
    runs = {tx.run(scored, PEOPLE, OUTSIDE, day): str(day) for day in days}
    for run_id in runs:
        tx.run(judge, run_id)
    tx.run(predictions.sweep, 100)
    # That of the third day would stay anyway: it is the newest of its month.
    assert kept(engine, runs)["sales_predictions"] == {str(day) for day in days[1:]}

"""What raises an alarm, and what does not: one specification, both databases."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from sqlalchemy import Engine
from tests.support.company import OUTSIDE, PEOPLE, scored
from tests.support.ledgers import DAY, NOW

from salesml.core.alarms import Alarm, AlarmCode, Severity
from salesml.core.forecasts import ForecastOutcome
from salesml.core.models import Target
from salesml.db.transactions import SqlTransactions
from salesml.db.unit_of_work import SqlUnitOfWork
from salesml.ml.drift import reference, stability
from salesml.services import dashboard, installation, outcomes

VISITS = "visits_30d"


@pytest.fixture
def tx(engine: Engine) -> SqlTransactions:
    made = SqlTransactions(engine)
    made.run(installation.initialise, currency="PLN", timezone="Europe/Warsaw", now=NOW)
    return made


def visits(factor: float, seed: int) -> pa.Table:
    return pa.table({VISITS: factor * np.random.default_rng(seed).gamma(2, 3, 4_000)})


def alarms(tx: SqlTransactions) -> list[Alarm]:
    found = tx.read(dashboard.summary)
    assert found is not None
    return list(found.alarms)


def lived(
    uow: SqlUnitOfWork, target: Target, promised: Mapping[str, float], metrics: Mapping[str, Any]
) -> None:
    """The newest outcome of a version that promised those metrics."""
    run = uow.predictions.latest_run()
    assert run is not None
    made = uow.models.get(run.sales_version_id if target is Target.SALES else run.purchase_version_id)
    version = uow.models.add(replace(made, metrics=promised))
    uow.outcomes.put(
        ForecastOutcome(
            run_id=run.id,
            target=target,
            horizon_days=30,
            version_id=version.id,
            as_of_day=DAY,
            clients=4,
            metrics=metrics,
            baselines={},
            computed_at=NOW,
        )
    )
    outcomes.finish(uow, 1, NOW)


@pytest.mark.parametrize(
    ("factor", "severity"), [(1.0, None), (1.3, Severity.NOTABLE), (2.5, Severity.ALARMING)]
)
def test_clients_who_became_others_raise_an_alarm(
    tx: SqlTransactions, factor: float, severity: Severity | None
) -> None:
    moved = stability(reference([visits(1.0, 1)], [VISITS]), visits(factor, 2))
    tx.run(scored, PEOPLE, OUTSIDE, DAY, (), {"sales": moved, "purchase": {"tenure_months": 3.0}})
    found = alarms(tx)
    assert [(alarm.code, alarm.severity) for alarm in found] == (
        [(AlarmCode.INPUT_DRIFT, severity)] if severity else []
    )
    for alarm in found:
        assert alarm.values["target"] == "sales"
        assert alarm.values["features"] == [{"name": VISITS, "psi": alarm.values["psi_max"]}]
    summary = tx.read(dashboard.summary)
    assert summary is not None
    assert summary.gauges["psi_max"] == {"sales": moved[VISITS]}


@pytest.mark.parametrize(("live", "is_raised"), [(12.5, False), (12.6, True)])
def test_errors_a_quarter_above_the_promised_ones_raise_an_alarm(
    tx: SqlTransactions, live: float, is_raised: bool
) -> None:
    tx.run(scored, PEOPLE)
    tx.run(lived, Target.SALES, {"rmse": 10.0}, {"deciding_metric": "rmse", "rmse": live})
    found = alarms(tx)
    assert [alarm.code for alarm in found] == [AlarmCode.WORSE_THAN_EVIDENCE] * is_raised
    if found:
        assert (found[0].values["live"], found[0].values["promised"]) == (live, 10.0)


@pytest.mark.parametrize(
    ("observed", "chance", "is_raised"),
    [(0.30, 0.01, True), (0.10, 0.01, True), (0.24, 0.01, False), (0.30, 0.05, False)],
)
def test_a_share_of_buyers_far_from_the_promised_one_raises_an_alarm_unless_it_may_be_chance(
    tx: SqlTransactions, observed: float, chance: float, is_raised: bool
) -> None:
    tx.run(scored, PEOPLE)
    shares = {"mean_probability": 0.2, "base_rate": observed, "chance": chance}
    metrics = {"deciding_metric": "log_loss", "log_loss": 0.4, **shares}
    tx.run(lived, Target.PURCHASE, {"log_loss": 0.4}, metrics)
    assert [alarm.code for alarm in alarms(tx)] == [AlarmCode.CALIBRATION_DRIFT] * is_raised


def test_figures_of_live_forecasts_are_those_of_the_newest_outcome(tx: SqlTransactions) -> None:
    tx.run(scored, PEOPLE)
    metrics = {"deciding_metric": "rmse", "rmse": 9.0, "reasons": {}, "gini": None}
    tx.run(lived, Target.SALES, {"rmse": 10.0}, metrics)
    summary = tx.read(dashboard.summary)
    assert summary is not None
    assert summary.gauges["live"]["sales"]["metrics"] == {"rmse": 9.0}
    tx.run(dashboard.client_added, NOW)
    again = tx.read(dashboard.summary)
    assert again is not None
    assert (again.clients, again.gauges) == (summary.clients + 1, summary.gauges)

"""What somebody should look at: clients who became others, promises that were not kept, work that failed.

`prepare` looks at runs and outcomes, for whoever prepares the main page; `at` adds what depends on the
moment.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from salesml.core.alarms import (
    ALARMING,
    BEYOND_CHANCE,
    NOTABLE,
    WORSE_BY,
    Alarm,
    AlarmCode,
    Severity,
)
from salesml.core.dashboard import OLD_AFTER_DAYS
from salesml.core.days import date_of, day_of
from salesml.core.forecasts import ForecastOutcome
from salesml.core.jobs import UNFINISHED, JobKind, JobStatus
from salesml.core.models import Target
from salesml.core.predictions import ScoringRun
from salesml.services import installation
from salesml.services.ports.unit_of_work import UnitOfWork

_SHOWN = 3
_CLOCKS = frozenset({"day_of_year", "tenure_months", "days_since_first_purchase"})
"""What time alone moves says nothing of the clients."""
_RECENT_JOBS = 10


def prepare(uow: UnitOfWork, run: ScoringRun | None) -> tuple[list[Alarm], dict[str, Any]]:
    """Alarms of the newest run and of the newest outcomes, and the figures behind them: by target `psi_max`
    of the run's features, and `live`, the version and the metrics of its newest outcome."""
    psi = {} if run is None else {target: _moved(run, target) for target in Target}
    newest = {target: uow.outcomes.newest(target) for target in Target}
    lived = {target: outcome for target, outcome in newest.items() if outcome is not None}
    found = [_drifted(uow, run, target, moved) for target, moved in psi.items() if run is not None]
    for outcome in lived.values():
        found += [_uncalibrated(uow, outcome), _worse(uow, outcome)]
    gauges = {
        "psi_max": {target.value: max(moved.values()) for target, moved in psi.items() if moved},
        "live": {target.value: _live(uow, outcome) for target, outcome in lived.items()},
    }
    return [alarm for alarm in found if alarm is not None], gauges


def at(uow: UnitOfWork, prepared: Sequence[Alarm], as_of_day: int | None, now: datetime) -> tuple[Alarm, ...]:
    """The prepared alarms, and those of the moment: old forecasts, a training that failed; the gravest
    first."""
    found = [_old(uow, as_of_day, now), _failed(uow), *prepared]
    alarms = [alarm for alarm in found if alarm is not None]
    return tuple(sorted(alarms, key=lambda alarm: alarm.severity is not Severity.ALARMING))


def _moved(run: ScoringRun, target: Target) -> dict[str, float]:
    known = run.drift.get(target.value, {})
    return {name: psi for name, psi in known.items() if name not in _CLOCKS}


def _drifted(uow: UnitOfWork, run: ScoringRun, target: Target, moved: Mapping[str, float]) -> Alarm | None:
    over = sorted((-psi, name) for name, psi in moved.items() if psi > NOTABLE)
    if not over:
        return None
    worst = -over[0][0]
    version = run.sales_version_id if target is Target.SALES else run.purchase_version_id
    return Alarm(
        code=AlarmCode.INPUT_DRIFT,
        severity=Severity.ALARMING if worst > ALARMING else Severity.NOTABLE,
        values={
            **_of(uow, target, version),
            "psi_max": worst,
            "features": [{"name": name, "psi": -psi} for psi, name in over[:_SHOWN]],
            "count": len(over),
        },
    )


def _uncalibrated(uow: UnitOfWork, outcome: ForecastOutcome) -> Alarm | None:
    """Whether the share of buyers lies farther from the mean probability than chance and a quarter of it."""
    promised, happened = outcome.metrics.get("mean_probability"), outcome.metrics.get("base_rate")
    if promised is None or happened is None:
        return None
    apart = abs(happened - promised)
    if apart <= WORSE_BY * promised or apart <= BEYOND_CHANCE * outcome.metrics["chance"]:
        return None
    return Alarm(
        code=AlarmCode.CALIBRATION_DRIFT,
        severity=Severity.NOTABLE,
        values={**_lived(uow, outcome), "promised": promised, "observed": happened},
    )


def _worse(uow: UnitOfWork, outcome: ForecastOutcome) -> Alarm | None:
    """Whether the deciding metric, of which less is better, is worse than where the version was judged."""
    name = str(outcome.metrics["deciding_metric"])
    live = outcome.metrics.get(name)
    promised: Any = uow.models.get(outcome.version_id).metrics.get(name)
    if live is None or promised is None or live <= (1 + WORSE_BY) * promised:
        return None
    return Alarm(
        code=AlarmCode.WORSE_THAN_EVIDENCE,
        severity=Severity.ALARMING,
        values={**_lived(uow, outcome), "metric": name, "live": live, "promised": promised},
    )


def _old(uow: UnitOfWork, as_of_day: int | None, now: datetime) -> Alarm | None:
    if as_of_day is None:
        return None
    age_days = day_of(now, installation.current(uow).zone) - as_of_day
    if age_days <= OLD_AFTER_DAYS:
        return None
    values = {"as_of": date_of(as_of_day).isoformat(), "age_days": age_days}
    return Alarm(code=AlarmCode.FORECASTS_OLD, severity=Severity.NOTABLE, values=values)


def _failed(uow: UnitOfWork) -> Alarm | None:
    """Whether the newest training that has ended failed; one that was cancelled says nothing."""
    silent = (*UNFINISHED, JobStatus.CANCELLED)
    recent = uow.jobs.page(kind=JobKind.TRAINING, status=None, before=None, limit=_RECENT_JOBS)
    last = next((job for job in recent if job.status not in silent), None)
    if last is None or last.status is not JobStatus.FAILED:
        return None
    values = {"job_id": str(last.id), "error": last.error}
    return Alarm(code=AlarmCode.TRAINING_FAILED, severity=Severity.NOTABLE, values=values)


def _live(uow: UnitOfWork, outcome: ForecastOutcome) -> dict[str, Any]:
    plain = {
        name: value
        for name, value in outcome.metrics.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }
    return {"version": uow.models.get(outcome.version_id).name, "metrics": plain}


def _of(uow: UnitOfWork, target: Target, version_id: int) -> dict[str, Any]:
    name = uow.models.get(version_id).name
    return {"target": target.value, "version": name, "version_id": str(version_id)}


def _lived(uow: UnitOfWork, outcome: ForecastOutcome) -> dict[str, Any]:
    made = _of(uow, outcome.target, outcome.version_id)
    return {**made, "as_of": date_of(outcome.as_of_day).isoformat()}

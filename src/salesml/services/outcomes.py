"""What came of forecasts: once the days that a run looked ahead to are over, it is judged, once and for good.

What was served is judged as it was stored; no forecast is made anew. Orders that come later change an
outcome only when somebody asks for it again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from salesml.core.days import day_of
from salesml.core.forecasts import ForecastOutcome
from salesml.core.jobs import Job, JobKind
from salesml.core.models import HORIZON_DAYS, Target
from salesml.core.predictions import ScoringRun
from salesml.ml.history import History
from salesml.services import dashboard, history, installation, jobs
from salesml.services.ports.unit_of_work import UnitOfWork

BY = "salesml"
"""Who asks when nobody did."""
MAX_SHOWN = 100


@dataclass(frozen=True, kw_only=True)
class Due:
    """A run, and the targets whose days are over."""

    run: ScoringRun
    targets: tuple[Target, ...]


@dataclass(frozen=True, kw_only=True)
class Served:
    """What a run stored, by target and client, and guests' net sales of its 30 days in minor units."""

    due: Due
    forecasts: Mapping[Target, pa.Table]
    guests: int


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What came of a run, and, when its 30 days are over, of its company forecast."""

    run: ScoringRun
    outcomes: Sequence[ForecastOutcome]
    company: Mapping[str, Any] | None


def due(uow: UnitOfWork, now: datetime, *, again: bool = False, after_run: int = 0) -> Sequence[Due]:
    """Runs whose days have passed inside the data and of which it is not known what came of them, by id;
    `again`: also the others, as far as their forecasts are stored."""
    span = uow.orders.span()
    if span is None or uow.predictions.latest_run() is None:
        return ()
    last_day = min(day_of(now, installation.current(uow).zone) - 1, span[1])
    runs: dict[int, ScoringRun] = {}
    targets: dict[int, tuple[Target, ...]] = {}
    for target, horizon in HORIZON_DAYS.items():
        for run in uow.outcomes.due(target, horizon, last_day, again=again, after_run=after_run):
            runs[run.id] = run
            targets[run.id] = (*targets.get(run.id, ()), target)
    return tuple(Due(run=runs[run_id], targets=targets[run_id]) for run_id in sorted(runs))


def ask(uow: UnitOfWork, now: datetime) -> Job | None:
    """Ask for what has matured to be judged, if anything has; at most one such job is unfinished."""
    return enqueue(uow, actor=BY, now=now) if due(uow, now) else None


def enqueue(uow: UnitOfWork, *, again: bool = False, actor: str, now: datetime) -> Job:
    """Judge what has matured; `again` also what was judged before."""
    key = f"{JobKind.OUTCOMES}:again" if again else str(JobKind.OUTCOMES)
    return jobs.enqueue(uow, JobKind.OUTCOMES, {"again": again}, unique_key=key, created_by=actor, now=now)


def load(uow: UnitOfWork, found: Sequence[Due]) -> tuple[History, Sequence[Served]]:
    """What runs are judged by, of one snapshot."""
    return history.load(uow), [_served(uow, each) for each in found]


def record(uow: UnitOfWork, judgement: Judgement, again: bool = False) -> int:
    """Store what came of a run, but never over an earlier answer unless `again`; answers how much."""
    run_id = judgement.run.id
    known = set() if again else {each.target for each in uow.outcomes.of_run(run_id)}
    new = [each for each in judgement.outcomes if each.target not in known]
    for each in new:
        uow.outcomes.put(each)
    if judgement.company is not None and Target.SALES not in known:
        uow.forecasts.note_outcome(run_id, _beside(uow, run_id, judgement.company))
    return len(new)


def finish(uow: UnitOfWork, runs: int, now: datetime) -> Mapping[str, object]:
    """Bring what is shown up to date; answers {"runs"}."""
    dashboard.outcomes_changed(uow, now)
    return {"runs": runs}


def of_version(uow: UnitOfWork, version_id: int, limit: int = MAX_SHOWN) -> Sequence[ForecastOutcome]:
    """How the forecasts of a version fared, the newest as-of date first. Raises NotFound."""
    uow.models.get(version_id)
    return uow.outcomes.of_version(version_id, limit)


def _served(uow: UnitOfWork, found: Due) -> Served:
    run, days = found.run, HORIZON_DAYS[Target.SALES]
    return Served(
        due=found,
        forecasts={target: uow.outcomes.forecasts(run.id, target) for target in found.targets},
        guests=uow.forecasts.guest_sales(run.as_of_day + days, 1, days)[0],
    )


def _beside(uow: UnitOfWork, run_id: int, happened: Mapping[str, Any]) -> Mapping[str, Any]:
    """The outcome, and whether the interval held it."""
    forecast = uow.forecasts.get(run_id)
    inside = None
    if forecast is not None and forecast.lower is not None and forecast.upper is not None:
        inside = forecast.lower <= happened["actual"] <= forecast.upper
    return {**happened, "inside": inside}

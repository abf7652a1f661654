"""Asking for long work: one job a request, with everything in its arguments that it will need.

Asking for the same again while it is unfinished answers the same job.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from salesml.core.days import day_of
from salesml.core.import_requests import digest_of
from salesml.core.jobs import Job, JobKind
from salesml.core.models import Target
from salesml.ml.contest import check_contenders, contenders_for
from salesml.ml.estimators import find_estimator
from salesml.services import backtests, history, installation, jobs
from salesml.services.ports.unit_of_work import UnitOfWork

ALL_ESTIMATORS = "all"


def training(
    uow: UnitOfWork,
    targets: Sequence[Target],
    *,
    as_of_day: int | None = None,
    estimator: str | None = None,
    actor: str,
    now: datetime,
) -> Job:
    """Train the targets in both roles. Raises TooLittleData without orders, InvalidValue for a date or
    an estimator that cannot be."""
    if estimator is not None:
        for target in targets:
            find_estimator(estimator, target)
    args = {
        "targets": " ".join(targets),
        "as_of_day": as_of(uow, as_of_day, now),
        "estimator": estimator,
    }
    return _enqueue(uow, JobKind.TRAINING, args, actor, now)


def scoring(uow: UnitOfWork, *, as_of_day: int | None = None, actor: str, now: datetime) -> Job:
    """Score every client. Raises TooLittleData without orders, InvalidValue for a date that cannot be."""
    return _enqueue(uow, JobKind.SCORING, {"as_of_day": as_of(uow, as_of_day, now)}, actor, now)


def backtest(
    uow: UnitOfWork,
    *,
    days: Sequence[int] = (),
    windows: int = 3,
    estimators: Sequence[str] = (),
    out: Path | None = None,
    actor: str,
    now: datetime,
) -> Job:
    """Backtest the given as-of dates, or the newest `windows` of them: the recipes that serve, the named
    estimators (ALL_ESTIMATORS for every one) and the baselines; the forecasts go into the file `out`.

    Raises TooLittleData without orders, InvalidValue for a date or an estimator that cannot be.
    """
    every = dict.fromkeys(name for target in Target for name in contenders_for(target))
    others = every if ALL_ESTIMATORS in estimators else dict.fromkeys(estimators)
    check_contenders(list(others))
    chosen = sorted({as_of(uow, day, now) for day in days}) or backtests.windows(
        as_of(uow, None, now), windows
    )
    args = {
        "as_of_days": " ".join(map(str, chosen)),
        "defaults": {target.value: name for target, name in backtests.defaults(uow).items()},
        "estimators": " ".join(others),
        "out": None if out is None else str(out),
    }
    return _enqueue(uow, JobKind.BACKTEST, args, actor, now)


def as_of(uow: UnitOfWork, asked: int | None, now: datetime) -> int:
    """The as-of date of a request, the default filled in."""
    return history.as_of_day(uow, today=day_of(now, installation.current(uow).zone), asked=asked)


def _enqueue(uow: UnitOfWork, kind: JobKind, args: Mapping[str, object], actor: str, now: datetime) -> Job:
    key = f"{kind.value}:{digest_of(args)}"
    return jobs.enqueue(uow, kind, args, unique_key=key, created_by=actor, now=now)

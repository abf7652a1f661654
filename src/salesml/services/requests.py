"""Asking for long work: one job a request, with everything in its arguments that it will need.

Asking for the same again while it is unfinished answers the same job.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from salesml.core.days import day_of
from salesml.core.errors import NotFound
from salesml.core.import_requests import ImportRequest, digest_of
from salesml.core.jobs import Job, JobKind
from salesml.core.models import Target
from salesml.ml.estimators import find_estimator
from salesml.services import backtests, history, imports, installation, jobs
from salesml.services.ports.unit_of_work import UnitOfWork
from salesml.services.sources import SourceRequest


def import_file(uow: UnitOfWork, request: ImportRequest, *, actor: str, now: datetime) -> Job:
    """Import a file that was found readable."""
    return _enqueue_file(uow, JobKind.IMPORT, request, actor, now)


def preview_file(uow: UnitOfWork, request: ImportRequest, *, actor: str, now: datetime) -> Job:
    """Count what importing a file that was found readable would do."""
    return _enqueue_file(uow, JobKind.PREVIEW, request, actor, now)


def import_previewed(uow: UnitOfWork, job_id: int, *, actor: str, now: datetime) -> Job:
    """Import the file of a preview, as the preview read it. Raises NotFound."""
    return import_file(uow, previewed(uow, job_id), actor=actor, now=now)


def previewed(uow: UnitOfWork, job_id: int) -> ImportRequest:
    """What a preview was asked for. Raises NotFound for another job."""
    job = jobs.get(uow, job_id)
    if job.kind is not JobKind.PREVIEW:
        raise NotFound(f"there is no preview {job_id}")
    return ImportRequest.of(job.args)


def import_rows(uow: UnitOfWork, request: SourceRequest, *, actor: str, now: datetime) -> Job:
    """Import the answer of a foreign database."""
    return _enqueue(uow, JobKind.IMPORT, request.args, actor, now)


def undo_import(uow: UnitOfWork, import_id: int, *, actor: str, now: datetime) -> Job:
    """Take a published import back, with all that only it brought. Raises NotFound, InvalidValue for one
    that was never visible."""
    imports.check_undo(uow, import_id)
    args = {"undo": import_id}
    return jobs.enqueue(uow, JobKind.IMPORT, args, unique_key=f"undo:{import_id}", created_by=actor, now=now)


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
    out: Path | None = None,
    actor: str,
    now: datetime,
) -> Job:
    """Backtest the given as-of dates, or the newest `windows` of them, into the file `out`."""
    chosen = sorted(set(days)) or backtests.windows(as_of(uow, None, now), windows)
    args = {"as_of_days": " ".join(map(str, chosen)), "out": None if out is None else str(out)}
    return _enqueue(uow, JobKind.BACKTEST, args, actor, now)


def _enqueue_file(uow: UnitOfWork, kind: JobKind, request: ImportRequest, actor: str, now: datetime) -> Job:
    key = f"{kind.value}:{request.digest}"
    return jobs.enqueue(uow, kind, request.args, unique_key=key, created_by=actor, now=now)


def as_of(uow: UnitOfWork, asked: int | None, now: datetime) -> int:
    """The as-of date of a request, the default filled in."""
    return history.as_of_day(uow, today=day_of(now, installation.current(uow).zone), asked=asked)


def _enqueue(uow: UnitOfWork, kind: JobKind, args: Mapping[str, object], actor: str, now: datetime) -> Job:
    key = f"{kind.value}:{digest_of(args)}"
    return jobs.enqueue(uow, kind, args, unique_key=key, created_by=actor, now=now)

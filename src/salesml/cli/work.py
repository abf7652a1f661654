"""Running long work: enqueue a job, work on it here, show its progress.

If this process is killed, any worker, or the same command again, finishes the job.
"""

from collections.abc import Mapping
from datetime import UTC, datetime

from salesml.cli.output import actor, progress_bar
from salesml.core.days import day_of, parse_day
from salesml.core.jobs import Job, JobKind
from salesml.jobs.runner import run_in_foreground
from salesml.services import history, installation, jobs
from salesml.services.ports.unit_of_work import UnitOfWork
from salesml.wiring import App


def run_job(
    app: App, kind: JobKind, args: Mapping[str, object], *, unique_key: str, quiet: bool
) -> Mapping[str, object]:
    """Do the work and answer its result. Raises JobFailed with the reason."""
    job: Job = app.tx.run(
        jobs.enqueue, kind, args, unique_key=unique_key, created_by=actor(), now=datetime.now(UTC)
    )
    with progress_bar(quiet=quiet) as report:
        return run_in_foreground(app, job, report).result or {}


def as_of_day(app: App, asked: str | None) -> int:
    """The as-of date of a command, the default filled in."""
    return app.tx.read(_as_of_day, None if asked is None else parse_day(asked))


def _as_of_day(uow: UnitOfWork, asked: int | None) -> int:
    today = day_of(datetime.now(UTC), installation.current(uow).zone)
    return history.as_of_day(uow, today=today, asked=asked)

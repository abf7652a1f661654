"""What a job handler works with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from salesml.core.days import day_of
from salesml.core.jobs import Job, Progress
from salesml.services import history, installation, jobs
from salesml.services.ports.unit_of_work import UnitOfWork
from salesml.wiring import App

T = TypeVar("T")


class CancelRequested(Exception):
    """Someone asked for the end of the job that is running."""


class StopRequested(Exception):
    """This process has to end, and the job it runs goes back into the queue."""


def now() -> datetime:
    return datetime.now(UTC)


def go_on() -> None:
    """Nothing in here stops the job: whoever supervises its process does."""


def never() -> bool:
    """Nobody is listened to any more: the job is ending already, or its process is killed instead."""
    return False


@dataclass(frozen=True, kw_only=True)
class JobContext:
    """The claimed job, the application, and who wants to hear of progress.

    A handler writes only by `step` and `complete`, so that its data and its checkpoint are one
    transaction and a lost lease stops it. `check` raises when this process must not go on.
    """

    app: App
    job: Job
    report: Callable[[Progress], None]
    check: Callable[[], None] = go_on
    cancelled: Callable[[], bool] = never

    def show(self, progress: Progress) -> None:
        """Tell how far the job is. Raises LeaseLost, CancelRequested or StopRequested."""
        self.check()
        if self.cancelled():
            raise CancelRequested
        self.report(progress)

    def step(
        self,
        use_case: Callable[..., T],
        *args: Any,
        checkpoint: Callable[[T], Mapping[str, object]],
        progress: Progress,
    ) -> T:
        """Run one use case with its checkpoint in one transaction, then show the progress."""
        result = self.app.tx.run(jobs.step, self.job, checkpoint, progress, use_case, *args)
        self.show(progress)
        return result

    def complete(self, use_case: Callable[..., Mapping[str, object]], *args: Any) -> None:
        """Run the last use case and end the job, in one transaction."""
        self.app.tx.run(jobs.complete, self.job, now(), use_case, *args)

    def as_of_day(self) -> int:
        """The job's as-of date as an epoch day; a scheduled job has none, and takes that of its firing."""
        asked = self.job.args.get("as_of_day")
        return self.app.tx.read(self._newest_day) if asked is None else int(str(asked))

    def _newest_day(self, uow: UnitOfWork) -> int:
        zone = installation.current(uow).zone
        return history.as_of_day(uow, today=day_of(self.job.created_at, zone))

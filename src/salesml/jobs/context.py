"""What a job handler works with."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from salesml.core.errors import LeaseLost
from salesml.core.jobs import Job, Progress
from salesml.services import jobs
from salesml.wiring import App

T = TypeVar("T")


def now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class JobContext:
    """The claimed job, the application, and who wants to hear of progress.

    A handler writes only by `step` and `complete`, so that its data and its checkpoint are one
    transaction and a lost lease stops it.
    """

    app: App
    job: Job
    report: Callable[[Progress], None]
    lost: threading.Event

    def show(self, progress: Progress) -> None:
        """Tell how far the job is. Raises LeaseLost as soon as the heartbeat has noticed it."""
        if self.lost.is_set():
            raise LeaseLost(f"job {self.job.id} was taken over by another process")
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

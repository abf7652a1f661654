"""Runs a claimed job in a child process and answers for its lease."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

from salesml.core.errors import DatabaseBusy, DatabaseUnavailable, LeaseLost
from salesml.core.jobs import Ending, Job, JobStatus, Pace
from salesml.jobs import child
from salesml.jobs.context import JobContext, StopRequested
from salesml.jobs.handlers import Work
from salesml.jobs.lease import Lease, LeaseState, held
from salesml.jobs.runner import attempt_failed, end
from salesml.services import jobs
from salesml.wiring import App

_TICK_S = 0.2
logger = logging.getLogger(__name__)


class _AttemptFailed(Exception):
    """The child is gone, and the job has not ended."""


@dataclass(frozen=True, kw_only=True)
class Supervisor:
    """Runs claimed jobs until `stop` is set; `set_up` runs first in each child."""

    app: App
    stop: threading.Event
    pace: Pace
    set_up: Callable[[], None]

    def bring_on(self, job: Job, work: Work) -> None:
        """Bring a claimed job as far as it goes: to its end, or back into the queue.

        Back it goes uncounted when `stop` is set, and counted when its child dies; after MAX_ATTEMPTS it
        fails instead. A job whose lease is lost is left alone, its child killed.
        """
        with held(self.app, job, self.pace) as lease:

            def check() -> None:
                lease.check()
                if self.stop.is_set():
                    raise StopRequested

            context = JobContext(app=self.app, job=job, report=lease.show, check=check)
            try:
                self._bring_to_end(context, work, lease)
            except LeaseLost as lost:
                logger.info("%s", lost)

    def _bring_to_end(self, context: JobContext, work: Work, lease: Lease) -> None:
        try:
            self._run(context, work, lease)
        except StopRequested:
            self.app.tx.run(jobs.hand_back, context.job, counted=False)
            logger.info("job %s: handed back", context.job.id)
        except (LeaseLost, DatabaseBusy, DatabaseUnavailable):
            raise
        except Exception:
            # No process to be had, or a fault in taking rows back: the worker lives on, and so do other jobs.
            logger.exception("job %s: a fault of the program", context.job.id)
            self.app.tx.run(jobs.hand_back, context.job, counted=True)

    def _run(self, context: JobContext, work: Work, lease: Lease) -> None:
        try:
            ending = jobs.fate_of(context.job) or self._watch(context.job, work, lease)
        except _AttemptFailed as failed:
            attempt_failed(context, work, str(failed))
        else:
            if ending is not None:
                end(context, work, ending)

    def _watch(self, job: Job, work: Work, lease: Lease) -> Ending | None:
        """Run the child; how the job must be ended now that it is gone, None if the child has ended it."""
        with child.started(self.app.settings, job, work, self.set_up) as running:
            while running.wait(_TICK_S):
                if newest := running.progress():
                    lease.show(newest)
                if self.stop.is_set() or lease.state in (LeaseState.LOST, LeaseState.CANCELLED):
                    running.kill()
        stands = self.app.tx.read(jobs.get, job.id)
        if stands.token != job.token or stands.status is not JobStatus.RUNNING:
            return None
        if ending := jobs.fate_of(stands):
            return ending
        if self.stop.is_set():
            raise StopRequested
        raise _AttemptFailed(running.cause)

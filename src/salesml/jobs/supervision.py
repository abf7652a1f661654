"""Runs a claimed job in a child process and answers for its lease."""

import logging
import threading

from salesml.core.errors import LeaseLost
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


def supervise(app: App, job: Job, work: Work, *, stop: threading.Event, pace: Pace) -> None:
    """Bring a claimed job as far as it goes: to its end, or back into the queue.

    Back it goes uncounted when `stop` is set, and counted when the child dies; after MAX_ATTEMPTS it
    fails instead. A job whose lease is lost is left alone, its child killed.
    """
    with held(app, job, pace) as lease:

        def check() -> None:
            lease.check()
            if stop.is_set():
                raise StopRequested

        context = JobContext(app=app, job=job, report=lease.show, check=check)
        try:
            _bring_to_end(context, work, lease, stop)
        except LeaseLost as lost:
            logger.info("%s", lost)


def _bring_to_end(context: JobContext, work: Work, lease: Lease, stop: threading.Event) -> None:
    try:
        ending = jobs.fate_of(context.job) or _watch(context, work, lease, stop)
        if ending is not None:
            end(context, work, ending)
    except LeaseLost:
        raise
    except StopRequested:
        context.app.tx.run(jobs.hand_back, context.job, counted=False)
        logger.info("job %s: handed back", context.job.id)
    except _AttemptFailed as failed:
        attempt_failed(context, work, str(failed))


def _watch(context: JobContext, work: Work, lease: Lease, stop: threading.Event) -> Ending | None:
    """Run the child; how the job must be ended now that it is gone, None if the child has ended it."""
    job = context.job
    with child.started(context.app.settings, job, work) as running:
        while running.wait(_TICK_S):
            if newest := running.progress():
                lease.show(newest)
            if stop.is_set() or lease.state in (LeaseState.LOST, LeaseState.CANCELLED):
                running.kill()
    stands = context.app.tx.read(jobs.get, job.id)
    if stands.token != job.token or stands.status is not JobStatus.RUNNING:
        return None
    if ending := jobs.fate_of(stands):
        return ending
    if stop.is_set():
        raise StopRequested
    raise _AttemptFailed(running.cause)

"""Runs a claimed job in this process, and works on the queue in the foreground."""

import logging
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace

from salesml.core.errors import (
    DatabaseBusy,
    DatabaseUnavailable,
    FileRefused,
    JobFailed,
    LeaseLost,
    SalesmlError,
)
from salesml.core.jobs import UNFINISHED, Ending, Job, JobKind, JobStatus, Pace, Progress
from salesml.core.refusals import Refusal
from salesml.jobs import spool
from salesml.jobs.context import CancelRequested, JobContext, never, now
from salesml.jobs.handlers import WORKS, Work
from salesml.jobs.lease import held
from salesml.jobs.owners import is_gone, this_process
from salesml.services import jobs
from salesml.wiring import App

logger = logging.getLogger(__name__)
Report = Callable[[Progress], None]


def run_in_foreground(
    app: App, job: Job, report: Report, *, pace: Pace | None = None, works: Mapping[JobKind, Work] = WORKS
) -> Job:
    """Work on the queue of the job's kind until this job has ended; answers it.

    Earlier jobs that a crash left behind are finished first; what another process runs is only followed.
    An interrupt cancels the job. Raises JobFailed with the job's reason.
    """
    pace = pace or Pace()
    try:
        while (job := app.tx.read(jobs.get, job.id)).status in UNFINISHED:
            if claimed := claim(app, job.kind, pace):
                _run_here(app, claimed, works[job.kind], report, pace, wanted=job)
            else:
                waiting = Progress(stage="waiting for another process")
                report(job.progress if job.status is JobStatus.RUNNING else waiting)
                time.sleep(pace.poll_s)
    except KeyboardInterrupt:
        app.tx.run(jobs.cancel, job.id, actor=job.created_by, now=now())
        raise
    spool.sweep(app)
    if job.status is not JobStatus.SUCCEEDED:
        raise JobFailed(job.error or str(job.status), job.refusal)
    return job


def claim(app: App, kind: JobKind, pace: Pace) -> Job | None:
    """Take the next job of a kind for this process. An idle queue is only read, never locked."""
    if app.tx.read(jobs.next_claimable, kind, is_gone=is_gone, now=now(), pace=pace) is None:
        return None
    return app.tx.run(jobs.claim_next, kind, owner=this_process(), is_gone=is_gone, now=now(), pace=pace)


def run_claimed(context: JobContext, work: Work) -> None:
    """Run a claimed job to its end, whatever that is. A job whose lease was lost is left to its new owner.

    Raises DatabaseBusy and DatabaseUnavailable: this attempt has failed, and another one may not.
    """
    try:
        ending = jobs.fate_of(context.job) or _attempt(context, work)
        if ending is not None:
            end(context, work, ending)
    except LeaseLost as lost:
        logger.info("%s", lost)


def end(context: JobContext, work: Work, ending: Ending) -> None:
    """End a job without success: take back what it wrote, then close it. Raises LeaseLost."""
    job = context.job
    if clean_up := work.cleaner():
        job = context.app.tx.run(jobs.begin_ending, job, ending)
        ending = jobs.fate_of(job) or ending
        clean_up(replace(context, job=job, cancelled=never))
    context.app.tx.run(jobs.fail, job, ending, now())


def attempt_failed(context: JobContext, work: Work, reason: str) -> None:
    """An attempt has died: hand the job back, or give it up after MAX_ATTEMPTS. Raises LeaseLost."""
    job = context.job
    logger.warning("job %s: attempt %s failed: %s", job.id, job.attempts, reason)
    if job.attempts >= jobs.MAX_ATTEMPTS:
        end(context, work, jobs.given_up(reason))
    else:
        context.app.tx.run(jobs.hand_back, job, counted=True)


def _run_here(app: App, job: Job, work: Work, report: Report, pace: Pace, *, wanted: Job) -> None:
    with held(app, job, pace) as lease, _interrupts() as asked, suppress(LeaseLost):

        def show(progress: Progress) -> None:
            lease.show(progress)
            report(progress)

        def check() -> None:
            if asked.is_set():
                asked.clear()
                raise KeyboardInterrupt
            lease.check()

        context = JobContext(app=app, job=job, report=show, check=check, cancelled=lease.cancelled)
        try:
            run_claimed(context, work)
        except (DatabaseBusy, DatabaseUnavailable) as error:
            attempt_failed(context, work, str(error))
        except KeyboardInterrupt:
            with suppress(LeaseLost):
                if job.id == wanted.id:
                    end(context, work, Ending.because(JobStatus.CANCELLED, "interrupted"))
                else:
                    app.tx.run(jobs.hand_back, job, counted=False)
            raise


@contextmanager
def _interrupts() -> Iterator[threading.Event]:
    """Ctrl-C as a flag, for `check` to raise between two transactions; a second one is raised at once.

    Raised inside a transaction, the traceback would keep its cursor and with it SQLite's write lock.
    """
    asked = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield asked
        return

    def ask(*_: object) -> None:
        asked.set()
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield asked
    finally:
        signal.signal(signal.SIGINT, before)


def _attempt(context: JobContext, work: Work) -> Ending | None:
    try:
        work.handler()(context)
    except (LeaseLost, DatabaseBusy, DatabaseUnavailable):
        raise
    except CancelRequested:
        return Ending.because(JobStatus.CANCELLED, "cancelled")
    except FileRefused as error:
        return Ending(status=JobStatus.FAILED, error=str(error), refusal=error.refusal)
    except SalesmlError as error:
        return Ending(status=JobStatus.FAILED, error=str(error))
    except OSError as error:
        refusal = Refusal(code="file_failed", values={"reason": error.strerror or type(error).__name__})
        return Ending(status=JobStatus.FAILED, error=str(error), refusal=refusal)
    except Exception as error:
        # A fault of ours: the job ends rather than being tried again and again.
        logger.exception("job %s: a fault of the program", context.job.id)
        return Ending.because(JobStatus.FAILED, "unexpected", error=type(error).__name__)
    return None

"""Runs claimed jobs: heartbeat beside the handler, one end for every job."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from salesml.core.errors import JobFailed, LeaseLost, SalesmlError
from salesml.core.jobs import UNFINISHED, Job, JobKind, JobStatus, Progress
from salesml.jobs import backtests, imports, scoring, training
from salesml.jobs.context import JobContext, now
from salesml.jobs.owners import is_gone, this_process
from salesml.services import jobs
from salesml.wiring import App

HEARTBEAT_S = 5.0
POLL_S = 0.5
Handler = Callable[[JobContext], None]
HANDLERS: Mapping[JobKind, Handler] = {
    JobKind.IMPORT: imports.run,
    JobKind.TRAINING: training.run,
    JobKind.SCORING: scoring.run,
    JobKind.BACKTEST: backtests.run,
}
CLEAN_UPS: Mapping[JobKind, Handler] = {JobKind.IMPORT: imports.clean_up}


def run_in_foreground(app: App, job: Job, report: Callable[[Progress], None]) -> Job:
    """Work on the queue of the job's kind until this job has ended; answers it.

    Earlier jobs that a crash left behind are finished first. Raises JobFailed with the job's reason.
    """
    while (job := app.tx.read(jobs.get, job.id)).status in UNFINISHED:
        claimed = app.tx.run(jobs.claim_next, job.kind, owner=this_process(), is_gone=is_gone, now=now())
        if claimed is None:
            report(Progress(stage="waiting for another process"))
            time.sleep(POLL_S)
            continue
        run_claimed(app, claimed, report)
    if job.status is not JobStatus.SUCCEEDED:
        raise JobFailed(job.error or str(job.status))
    return job


def run_claimed(app: App, job: Job, report: Callable[[Progress], None]) -> None:
    """Run a claimed job to its end. A job whose lease was lost is left to its new owner."""
    with _heartbeat(app, job) as lost:
        context = JobContext(app=app, job=job, report=report, lost=lost)
        try:
            HANDLERS[job.kind](context)
        except LeaseLost:
            return
        except (SalesmlError, OSError) as error:
            _end(context, str(error))
        except KeyboardInterrupt:
            _end(context, "interrupted", cancelled=True)
            raise
        except Exception as error:
            # A fault of ours: the job ends rather than being tried again and again.
            _end(context, f"unexpected {type(error).__name__}")
            raise


def _end(context: JobContext, error: str, *, cancelled: bool = False) -> None:
    if clean_up := CLEAN_UPS.get(context.job.kind):
        clean_up(context)
    context.app.tx.run(jobs.fail, context.job, error, now(), cancelled=cancelled)


@contextmanager
def _heartbeat(app: App, job: Job) -> Iterator[threading.Event]:
    lost, done = threading.Event(), threading.Event()

    def beat() -> None:
        while not done.wait(HEARTBEAT_S):
            if not app.tx.run(jobs.heartbeat, job, now()):
                lost.set()
                return

    thread = threading.Thread(target=beat, name=f"heartbeat of job {job.id}", daemon=True)
    thread.start()
    try:
        yield lost
    finally:
        done.set()
        thread.join()

"""Holding a claimed job: heartbeats from a thread of their own, and what they bring back."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum

from salesml.core.errors import DatabaseBusy, DatabaseUnavailable, LeaseLost
from salesml.core.jobs import Job, JobStatus, Pace, Progress
from salesml.jobs.context import now
from salesml.services import jobs
from salesml.wiring import App

logger = logging.getLogger(__name__)


class LeaseState(Enum):
    HELD = "held"
    CANCELLED = "cancelled"
    LOST = "lost"
    ENDED = "ended"


class Lease:
    """A job as its holder knows it; `state` and `show` may be used from any thread."""

    def __init__(self, app: App, job: Job, pace: Pace) -> None:
        self._app, self._job, self._pace = app, job, pace
        self._shown = self._newest = job.progress
        self._beaten_at = time.monotonic()
        self.state = LeaseState.HELD

    def show(self, progress: Progress) -> None:
        """Let everyone see how far the job is, within about a second."""
        self._newest = progress

    def check(self) -> None:
        """Raises LeaseLost as soon as a heartbeat has noticed it."""
        if self.state is LeaseState.LOST:
            raise LeaseLost(f"job {self._job.id} was taken over by another process")

    def cancelled(self) -> bool:
        """Whether someone has asked for the end of the job."""
        return self.state is LeaseState.CANCELLED

    def beat(self) -> None:
        """Renew the lease if it is time, show new progress, and look for a wish to cancel."""
        newest, due = self._newest, time.monotonic() - self._beaten_at >= self._pace.heartbeat_s
        renewed = None
        if due or newest != self._shown:
            progress = newest if newest != self._shown else None
            renewed = self._app.tx.run(jobs.heartbeat, self._job, now(), self._pace, progress)
            if renewed is not None:
                self._shown, self._beaten_at = newest, time.monotonic()
        self.state = self._judge(renewed or self._app.tx.read(jobs.get, self._job.id))

    def _judge(self, stands: Job) -> LeaseState:
        if stands.token != self._job.token:
            return LeaseState.LOST
        if stands.status is not JobStatus.RUNNING:
            return LeaseState.ENDED
        return LeaseState.CANCELLED if stands.cancel_requested else LeaseState.HELD


@contextmanager
def held(app: App, job: Job, pace: Pace) -> Iterator[Lease]:
    """Keep the lease of a claimed job for as long as the block runs, or until it is lost or over."""
    lease, done = Lease(app, job, pace), threading.Event()

    def keep() -> None:
        while not done.wait(min(pace.progress_s, pace.heartbeat_s)):
            try:
                lease.beat()
            except (DatabaseBusy, DatabaseUnavailable) as error:
                # Nobody else gets at the job either; if someone did, the fencing token protects it.
                logger.warning("job %s: heartbeat put off: %s", job.id, error)
            if lease.state in (LeaseState.LOST, LeaseState.ENDED):
                return

    thread = threading.Thread(target=keep, name=f"heartbeat of job {job.id}", daemon=True)
    thread.start()
    try:
        yield lease
    finally:
        done.set()
        thread.join()

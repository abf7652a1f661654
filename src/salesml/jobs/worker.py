"""The worker: claims jobs of every kind, runs each in a process of its own, fires schedules."""

import logging
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait

from salesml.core.errors import DatabaseBusy, DatabaseUnavailable
from salesml.core.jobs import JobKind, Pace
from salesml.jobs import spool
from salesml.jobs.context import now
from salesml.jobs.handlers import WORKS, Work
from salesml.jobs.runner import claim
from salesml.jobs.supervision import Supervisor
from salesml.services import schedules
from salesml.wiring import App

logger = logging.getLogger(__name__)


def _nothing() -> None:
    """What a child needs first, unless something is given."""


def run_worker(
    app: App,
    stop: threading.Event,
    *,
    pace: Pace | None = None,
    works: Mapping[JobKind, Work] = WORKS,
    set_up: Callable[[], None] = _nothing,
) -> None:
    """Work until `stop` is set, then hand back what is running.

    `set_up`, a function of a module, runs first in every child. Raises what makes work impossible, such
    as NotMigrated; a database that is away for a while does not.
    """
    pace = pace or Pace()
    supervisor = Supervisor(app=app, stop=stop, pace=pace, set_up=set_up)
    with ThreadPoolExecutor(len(works) + 1, thread_name_prefix="salesml-worker") as pool:
        futures = [pool.submit(_serve, supervisor, kind, works[kind]) for kind in works]
        futures.append(pool.submit(_repeat, lambda: _tend(app), stop, pace.schedules_s))
        try:
            wait(futures, return_when=FIRST_EXCEPTION)
        finally:
            stop.set()
    for future in futures:
        future.result()


def _serve(supervisor: Supervisor, kind: JobKind, work: Work) -> None:
    app, stop, pace = supervisor.app, supervisor.stop, supervisor.pace

    def drain() -> None:
        while not stop.is_set() and (job := claim(app, kind, pace)):
            logger.info("job %s: %s, attempt %s", job.id, kind, job.attempts)
            supervisor.bring_on(job, work)
            spool.sweep(app)

    _repeat(drain, stop, pace.poll_s)


def _tend(app: App) -> None:
    if app.tx.read(schedules.due, now=now()):
        for job in app.tx.run(schedules.fire, now=now()):
            logger.info("job %s: %s, asked for by %s", job.id, job.kind, job.created_by)
    spool.sweep(app)


def _repeat(action: Callable[[], None], stop: threading.Event, every_s: float) -> None:
    while not stop.is_set():
        try:
            action()
        except (DatabaseBusy, DatabaseUnavailable) as error:
            logger.warning("%s; trying again", error)
        stop.wait(every_s)

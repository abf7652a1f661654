"""`salesml worker`."""

import logging
import signal
import threading

from salesml.jobs.child import LOG_FORMAT
from salesml.jobs.worker import run_worker
from salesml.settings import load_settings
from salesml.wiring import open_app


def worker() -> None:
    """Run queued imports, trainings, scorings and backtests, and those that are scheduled.

    Any number may run; jobs of one kind run one after the other. SIGTERM or Ctrl-C ends it: what is
    running goes back into the queue and is finished by the next worker.
    """
    logging.basicConfig(level=logging.INFO, format=LOG_FORMAT)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with open_app(load_settings()) as app:
        logging.getLogger(__name__).info("ready for jobs")
        run_worker(app, stop)

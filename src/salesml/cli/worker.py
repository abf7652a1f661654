"""`salesml worker`."""

import logging
import os
import signal
import sys
import threading
from functools import partial
from typing import Annotated

import typer

from salesml.http.logs import configure_logs
from salesml.jobs.worker import run_worker
from salesml.settings import load_settings
from salesml.wiring import open_app


def worker(
    with_parent: Annotated[
        bool, typer.Option("--with-parent", hidden=True, help="End when standard input does.")
    ] = False,
) -> None:
    """Run queued imports, trainings, scorings and backtests, and those that are scheduled.

    Any number may run; jobs of one kind run one after the other. SIGTERM or Ctrl-C ends it: what is
    running goes back into the queue and is finished by the next worker.
    """
    settings = load_settings()
    set_up = partial(configure_logs, settings.log_level)
    set_up()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if with_parent:
        threading.Thread(target=_wait_for_end, args=(stop,), daemon=True).start()
    with open_app(settings) as app:
        logging.getLogger(__name__).info("ready for jobs")
        run_worker(app, stop, set_up=set_up)


def _wait_for_end(stop: threading.Event) -> None:
    """Whoever started this process holds the other end of the pipe, and it closes when they are gone."""
    os.read(sys.stdin.fileno(), 1)
    stop.set()

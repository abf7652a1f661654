"""The process that a job runs in. Spawned, never forked: the parent has threads, locks and connections.

It ends with its parent, whatever ends that: then the end of a pipe closes.
"""

import logging
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess

from salesml.core.errors import SalesmlError
from salesml.core.jobs import Job, Progress
from salesml.jobs.context import JobContext
from salesml.jobs.handlers import Work
from salesml.jobs.runner import run_claimed
from salesml.settings import Settings
from salesml.wiring import open_app

EXIT_FAILED = 75
"""EX_TEMPFAIL of sysexits.h: another attempt may succeed."""
_EVERY_S = 0.2
_SPAWN = multiprocessing.get_context("spawn")
_ASKED_TO_END = {signal.SIGINT, signal.SIGTERM}
logger = logging.getLogger(__name__)


class Child:
    """A running child as its parent sees it."""

    def __init__(self, process: SpawnProcess, receiver: Connection) -> None:
        self._process, self._receiver = process, receiver
        self._open = True

    def wait(self, timeout_s: float) -> bool:
        """Wait for progress or the end; answers whether the child still lives."""
        wait([self._process.sentinel, *([self._receiver] if self._open else [])], timeout_s)
        return self._process.is_alive()

    def progress(self) -> Progress | None:
        """The newest progress since the last question."""
        newest = None
        try:
            while self._open and self._receiver.poll():
                newest = self._receiver.recv()
        except EOFError:
            self._open = False
        return newest

    @property
    def cause(self) -> str:
        """What ended the child, for people."""
        code = self._process.exitcode or 0
        if code == -signal.SIGKILL:
            return "its process was killed by SIGKILL, as when memory runs out"
        if code < 0:
            return f"its process was ended by {signal.Signals(-code).name}"
        return f"its process ended with exit status {code}"

    def kill(self) -> None:
        """End the child now. Whatever transaction it was in is rolled back."""
        self._process.kill()
        self._process.join()


@contextmanager
def started(settings: Settings, job: Job, work: Work, set_up: Callable[[], None]) -> Iterator[Child]:
    """Run a claimed job in a process of its own, which does not outlive the block.

    `set_up`, a function of a module, runs first in it.
    """
    receiver, sender = _SPAWN.Pipe(duplex=False)
    args = (settings, job, work, set_up, sender)
    process = _SPAWN.Process(target=_main, args=args, name=f"salesml job {job.id}")
    _start_deaf(process)
    sender.close()
    child = Child(process, receiver)
    try:
        yield child
    finally:
        child.kill()
        receiver.close()


def _start_deaf(process: SpawnProcess) -> None:
    """A terminal or an init system signals the child as well, which shall leave the answer to its parent:
    blocked signals stay blocked in a new process."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _ASKED_TO_END)
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _main(settings: Settings, job: Job, work: Work, set_up: Callable[[], None], sender: Connection) -> None:
    threading.Thread(target=_end_with_parent, name="watch of the parent", daemon=True).start()
    set_up()
    _leave(_run(settings, job, work, sender))


def _run(settings: Settings, job: Job, work: Work, sender: Connection) -> int:
    try:
        with open_app(settings) as app:
            run_claimed(JobContext(app=app, job=job, report=_Reporter(sender).show), work)
    except SalesmlError as error:
        logger.warning("job %s: %s", job.id, error)
        return EXIT_FAILED
    return 0


def _leave(status: int) -> None:
    """End at once: all is closed, and at the interpreter's own end DuckDB prints pages about itself."""
    logging.shutdown()
    sys.stderr.flush()
    os._exit(status)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(EXIT_FAILED)


class _Reporter:
    """Sends progress a few times a second, and each new stage at once."""

    def __init__(self, sender: Connection) -> None:
        self._sender = sender
        self._last, self._sent_at = Progress(), 0.0

    def show(self, progress: Progress) -> None:
        now = time.monotonic()
        if progress.stage == self._last.stage and now - self._sent_at < _EVERY_S:
            return
        try:
            self._sender.send(progress)
        except OSError:  # the parent has died
            os._exit(EXIT_FAILED)
        self._last, self._sent_at = progress, now

"""A worker in a process of its own beside the server: started again when it dies, stopped with the server."""

import os
import subprocess
import sys
import threading
from types import TracebackType
from typing import Self

import structlog

from salesml.settings import Settings

STOP_S = 30
"""A worker hands its jobs back within that time, or is killed: another one then takes them over."""
RESTART_S = 2.0

log = structlog.get_logger(__name__)


class WorkerBeside:
    """As a context manager: `salesml worker` runs inside the block.

    It holds the other end of a pipe and ends when the server is gone, however that happened.
    """

    def __init__(self, settings: Settings) -> None:
        # What the server was started with counts, wherever it came from.
        changed = {
            "SALESML_DATA_DIR": str(settings.data_dir),
            "SALESML_DATABASE_URL": settings.database_url,
            "SALESML_LOG_LEVEL": settings.log_level,
        }
        self._environment = {**os.environ, **changed}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="worker-beside", daemon=True)

    def __enter__(self) -> Self:
        self._worker = self._start()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        self._thread.join()

    @property
    def pid(self) -> int:
        """Of the worker that runs now."""
        return self._worker.pid

    def _keep(self) -> None:
        while not self._stopping.wait(0.2):
            if self._worker.poll() is not None:
                log.error("the worker ended; starting it again", status=self._worker.returncode)
                if self._stopping.wait(RESTART_S):
                    return
                self._worker = self._start()
        self._end()

    def _start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "salesml", "worker", "--with-parent"]
        # A session of its own: Ctrl-C in the terminal is for the server, which then stops the worker.
        worker = subprocess.Popen(  # noqa: S603 - our own command
            command, env=self._environment, stdin=subprocess.PIPE, start_new_session=True
        )
        log.info("a worker began", pid=worker.pid)
        return worker

    def _end(self) -> None:
        self._worker.terminate()
        try:
            self._worker.wait(STOP_S)
        except subprocess.TimeoutExpired:
            log.error("the worker did not stop in time")  # noqa: TRY400 - the trace says nothing
            self._worker.kill()
            self._worker.wait()

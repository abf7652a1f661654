"""A worker in one process: runs jobs as the real one does, without a child for each, which takes seconds."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from salesml.core.errors import JobFailed
from salesml.core.jobs import JobStatus, Progress
from salesml.jobs.runner import run_in_foreground
from salesml.services import jobs
from salesml.settings import Settings, load_settings
from salesml.wiring import App, open_app

POLL_S = 0.1
_ROOT = Path(__file__).resolve().parents[2]
_HOLD = "hold-jobs"


@dataclass(frozen=True)
class Worker:
    """The process that works on the queue of one installation."""

    folder: Path

    @contextmanager
    def held(self) -> Iterator[None]:
        """Inside the block it begins nothing."""
        file = self.folder / _HOLD
        file.touch()
        yield
        file.unlink()


@contextmanager
def working(settings: Settings) -> Iterator[Worker]:
    """A worker from start to stop."""
    environment = {
        "SALESML_DATA_DIR": str(settings.data_dir),
        "SALESML_DATABASE_URL": settings.database_url,
        "SALESML_SECRET_KEY": settings.secret_key.get_secret_value(),
    }
    command = [sys.executable, "-m", "tests.support.quick_worker"]
    with subprocess.Popen(command, cwd=_ROOT, env={**os.environ, **environment}) as process:
        try:
            yield Worker(settings.data_dir)
        finally:
            process.terminate()


def work(app: App, folder: Path) -> None:
    """Run what is queued, the oldest first, for ever."""
    while True:
        queued = app.tx.read(jobs.page, status=JobStatus.QUEUED).items
        if queued and not (folder / _HOLD).exists():
            with suppress(JobFailed):
                run_in_foreground(app, queued[-1], _ignore)
        time.sleep(POLL_S)


def _ignore(_: Progress) -> None:
    """Pages read the progress from the database."""


if __name__ == "__main__":
    found = load_settings()
    with open_app(found) as opened:
        work(opened, found.data_dir)

"""Workers as processes, to be stopped and killed, and jobs made for that.

Pace and jobs are quick, so that a lease ends within seconds. Separate from the tests, so that a spawned
process can import it.
"""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from pydantic import SecretStr

from salesml.core.jobs import Job, JobKind, Pace, Progress
from salesml.jobs import imports
from salesml.jobs.context import JobContext
from salesml.jobs.handlers import Work
from salesml.jobs.worker import run_worker
from salesml.services import jobs
from salesml.services.ports.unit_of_work import UnitOfWork
from salesml.settings import Settings
from salesml.wiring import App, open_app

ROOT = Path(__file__).resolve().parents[2]
QUICK = Pace(lease_s=3, margin_s=1, heartbeat_s=0.4, progress_s=0.2, poll_s=0.1, schedules_s=0.5)
PATIENT = Pace(poll_s=0.1)
STEPS = 50
STEP_S = 0.03
EFFECT = "effect"


def count(context: JobContext) -> None:
    """Write one effect a step, and a last one with the end."""
    job = context.job
    logging.getLogger("salesml.jobs").info("job %s: counting", job.id)
    for step in range(_done(job), STEPS):
        reached = {"step": step + 1}
        progress = Progress(stage="counting", done=step + 1, total=STEPS, unit="steps")
        context.step(_effect, f"{job.id}:{step}", checkpoint=partial(_this, reached), progress=progress)
        time.sleep(STEP_S)
    context.complete(_last_effect, f"{job.id}:end")


def import_slowly(context: JobContext) -> None:
    """A real import, in small chunks and with pauses between them."""

    def report(progress: Progress) -> None:
        time.sleep(STEP_S)
        context.report(progress)

    imports.CHUNK = 50
    imports.run(replace(context, report=report))


def import_and_die(context: JobContext) -> None:
    """A real import that is killed as soon as this attempt has stored a chunk, as by a system that is out
    of memory."""

    def report(progress: Progress) -> None:
        if progress.stage == "storing" and progress.done:
            os.kill(os.getpid(), signal.SIGKILL)

    imports.CHUNK = 100
    imports.run(replace(context, report=report))


def fault(_: JobContext) -> None:
    """A mistake of ours."""
    raise ZeroDivisionError("never shown")


TORTURED: Mapping[JobKind, Work] = {
    JobKind.IMPORT: Work(run=f"{__name__}:import_slowly", clean_up="salesml.jobs.imports:clean_up"),
    JobKind.BACKTEST: Work(run=f"{__name__}:count"),
    JobKind.SCORING: Work(run=f"{__name__}:count"),
}

DYING: Mapping[JobKind, Work] = {
    JobKind.IMPORT: Work(run=f"{__name__}:import_and_die", clean_up="salesml.jobs.imports:clean_up"),
}
FAULTY: Mapping[JobKind, Work] = {JobKind.IMPORT: Work(run=f"{__name__}:fault")}


def _done(job: Job) -> int:
    return int(str(job.checkpoint.get("step", 0)))


def _this(checkpoint: Mapping[str, object], _: None) -> Mapping[str, object]:
    return checkpoint


def _effect(uow: UnitOfWork, subject: str) -> None:
    uow.audit.add(at=datetime.now(UTC), actor="worker", action=EFFECT, subject=subject, detail={})


def _last_effect(uow: UnitOfWork, subject: str) -> Mapping[str, object]:
    _effect(uow, subject)
    return {"steps": STEPS}


def settings_of(environment: Mapping[str, str]) -> Settings:
    """What a command of the same environment would read."""
    return Settings(
        data_dir=Path(environment["SALESML_DATA_DIR"]),
        database_url=environment["SALESML_DATABASE_URL"],
        secret_key=SecretStr(environment["SALESML_SECRET_KEY"]),
    )


def work(pace: Pace) -> None:
    """The main function of a worker on tortured jobs."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    set_up()
    with open_app(Settings()) as app:
        run_worker(app, stop, pace=pace, works=TORTURED, set_up=set_up)


def set_up() -> None:
    """Tell on stderr what the queue does, shown when a test fails. Never give a job up."""
    jobs.MAX_ATTEMPTS = 1_000
    logging.basicConfig(format="%(asctime)s %(process)d %(message)s")
    logging.getLogger("salesml.jobs").setLevel(logging.INFO)


@contextmanager
def working(app: App, works: Mapping[JobKind, Work], pace: Pace = QUICK) -> Iterator[None]:
    """A worker in a thread of this process."""
    stop = threading.Event()
    thread = threading.Thread(target=run_worker, args=(app, stop), kwargs={"works": works, "pace": pace})
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@dataclass
class Workers:
    """Workers on tortured jobs, in processes of their own."""

    environment: Mapping[str, str]
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, *, patient: bool = False) -> subprocess.Popen[bytes]:
        pace = "PATIENT" if patient else "QUICK"
        code = f"from tests.support import workers; workers.work(workers.{pace})"
        process = subprocess.Popen(
            [sys.executable, "-c", code],
            env={**os.environ, **self.environment},
            cwd=ROOT,
        )
        self.running.append(process)
        return process

    def kill(self, pid: int) -> None:
        """kill -9 one of them; the process of its job is left to itself."""
        (victim,) = [process for process in self.running if process.pid == pid]
        victim.kill()
        victim.wait()
        self.running.remove(victim)

    def end(self) -> None:
        """Kill what is left, whatever state it is in."""
        for process in self.running:
            family = [*children_of(process.pid), process.pid]
            for pid in family:
                send(pid, signal.SIGKILL)
            process.wait()
        self.running.clear()


def send(pid: int, number: signal.Signals) -> None:
    """Signal a process that may have ended."""
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def children_of(pid: int) -> list[int]:
    """Processes in which a worker runs jobs."""
    # Slim machines have no ps, and macOS has no /proc.
    rows = _from_proc() if Path("/proc/self").exists() else _from_ps()
    return [child for child, parent, command in rows if parent == pid and "spawn_main" in command]


def _from_proc() -> Iterator[tuple[int, int, str]]:
    for folder in Path("/proc").iterdir():
        try:
            parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
            yield int(folder.name), int(parent), (folder / "cmdline").read_text()
        except (OSError, ValueError):  # no process, or one that has ended meanwhile
            continue


def _from_ps() -> Iterator[tuple[int, int, str]]:
    command = ["ps", "-A", "-o", "pid=,ppid=,args="]
    for line in subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines():
        pid, parent, *rest = line.split(None, 2)
        yield int(pid), int(parent), " ".join(rest)

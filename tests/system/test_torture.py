"""Workers killed and stopped at random: each effect of each job happens exactly once."""

import json
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.support.commands import Salesml
from tests.support.workers import EFFECT, STEPS, Workers, children_of, send, settings_of

from salesml.core.import_requests import ImportRequest
from salesml.core.imports import ImportKind
from salesml.core.jobs import Job, JobKind, JobStatus
from salesml.jobs.files import file_sha256
from salesml.services import import_requests, jobs
from salesml.services.ports.unit_of_work import UnitOfWork
from salesml.wiring import App, open_app

BOTH = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
PATIENCE_S = 300
"""A quiet machine needs less than 40 s; one under load starts processes slowly."""
ASLEEP_S = 60
"""A worker that was stopped sleeps until its job was taken over and gone on with, or so long."""
ROWS = 400


@pytest.fixture
def workers(salesml: Salesml) -> Iterator[Workers]:
    made = Workers(salesml.environment)
    yield made
    made.end()


@pytest.fixture
def app(salesml: Salesml) -> Iterator[App]:
    with open_app(settings_of(salesml.environment)) as opened:
        yield opened


def enqueue_import(app: App, path: Path) -> int:
    digest = file_sha256(path)
    request = ImportRequest(path=path, kind=ImportKind.ORDERS, source="s", sha256=digest)
    return app.tx.run(import_requests.import_file, request, actor="test", now=datetime.now(UTC)).id


def enqueue(app: App, kind: JobKind) -> int:
    now = datetime.now(UTC)
    return app.tx.run(jobs.enqueue, kind, {}, unique_key=None, created_by="test", now=now).id


def a_file(path: Path, number: int) -> Path:
    lines = ["order_id,client_id,ordered_at,amount"]
    lines += [f"{number}-{row},C{row % 37},2026-01-1{row % 10},{row % 50}.25" for row in range(ROWS)]
    path.write_text("\n".join(lines) + "\n")
    return path


def unfinished(app: App) -> Sequence[Job]:
    return app.tx.read(lambda uow: [job for kind in JobKind for job in uow.jobs.unfinished(kind)])


def effects(uow: UnitOfWork) -> Counter[str]:
    return Counter(event.subject for event in uow.audit.latest(100_000) if event.action == EFFECT)


def wait_until_all_ended(app: App) -> None:
    until = time.monotonic() + PATIENCE_S
    while left := unfinished(app):
        assert time.monotonic() < until, left
        time.sleep(0.1)


def assert_each_effect_once(app: App, ids: Sequence[int], files: int) -> None:
    """Every job succeeded; every step of every counting job, and every row of every file, is there once."""
    ended = [app.tx.read(jobs.get, job_id) for job_id in ids]
    assert [(job.id, job.status, job.error) for job in ended] == [
        (job_id, JobStatus.SUCCEEDED, None) for job_id in ids
    ]
    counting = [job.id for job in ended if job.kind is not JobKind.IMPORT]
    steps = {f"{job_id}:{step}" for job_id in counting for step in [*range(STEPS), "end"]}
    assert app.tx.read(effects) == Counter(dict.fromkeys(steps, 1))
    results = [json.dumps(job.result) for job in ended if job.kind is JobKind.IMPORT]
    assert all(f'"accepted": {ROWS},' in result for result in results), results
    assert app.tx.read(lambda uow: uow.imports.unpublished()) == []
    ledger = app.tx.read(lambda uow: uow.orders.ledger())
    assert ledger.num_rows == files * ROWS
    assert sum(ledger.column("amount").to_pylist()) == files * sum(row % 50 * 100 + 25 for row in range(ROWS))


@dataclass(frozen=True, kw_only=True)
class Sleeper:
    """A worker and the process of a job that were stopped, and how far the job had come."""

    family: Sequence[int]
    job: Job
    until: float


@dataclass
class Chaos:
    """Does bad things to workers, in the order of a shuffled deck, until it is used up."""

    app: App
    workers: Workers
    dice: random.Random
    deck: list[str] = field(default_factory=list)
    sleepers: list[Sleeper] = field(default_factory=list)
    first_seen: dict[tuple[int, int], object] = field(default_factory=dict)
    done: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.deck = ["kill worker", "kill child", "stop both"] * 2
        self.dice.shuffle(self.deck)

    def strike(self) -> None:
        """Do what is next, if it can be done now."""
        self._wake()
        at_work = [job for job in unfinished(self.app) if self._is_at_work(job)]
        if self.deck and at_work:
            deeds = {
                "kill worker": self._kill_worker,
                "kill child": self._kill_child,
                "stop both": self._stop,
            }
            if deeds[self.deck[-1]](self.dice.choice(at_work)):
                self.done[self.deck.pop()] += 1

    def _is_at_work(self, job: Job) -> bool:
        """Whether a job has moved on in this claim, and is not in the middle of an earlier deed."""
        asleep = {pid for sleeper in self.sleepers for pid in sleeper.family}
        spared = {sleeper.job.id for sleeper in self.sleepers}
        if job.status is not JobStatus.RUNNING or job.id in spared or pid_of(job) in asleep:
            return False
        if not any(worker.pid == pid_of(job) for worker in self.workers.running):
            return False  # it was killed, and nobody has taken the job over yet
        return job.checkpoint != self.first_seen.setdefault((job.id, job.token), job.checkpoint)

    def _kill_worker(self, job: Job) -> bool:
        self.workers.kill(pid_of(job))
        self.workers.start()
        return True

    def _kill_child(self, job: Job) -> bool:
        children = children_of(pid_of(job))
        for child in children:
            send(child, signal.SIGKILL)
        return bool(children)

    def _stop(self, job: Job) -> bool:
        """Put a worker to sleep while its job is counting and has much left to count."""
        if not 0 < int(str(job.checkpoint.get("step", 0))) < STEPS * 2 // 3:
            return False
        family = [*children_of(pid_of(job)), pid_of(job)]
        if (stopped := self.app.tx.run(stop, job, family)) is None:
            return False
        self.sleepers.append(Sleeper(family=family, job=stopped, until=time.monotonic() + ASLEEP_S))
        return True

    def _wake(self) -> None:
        for sleeper in list(self.sleepers):
            past = self._is_overtaken(sleeper.job)
            if past or time.monotonic() > sleeper.until:
                self.sleepers.remove(sleeper)
                self.done["woken past its lease"] += past
                if not past:
                    self.deck.append("stop both")
                for pid in sleeper.family:
                    send(pid, signal.SIGCONT)

    def _is_overtaken(self, job: Job) -> bool:
        """Whether another worker has gone on with the job."""
        stands = self.app.tx.read(jobs.get, job.id)
        return stands.token > job.token and stands.checkpoint != job.checkpoint


def stop(uow: UnitOfWork, job: Job, family: Sequence[int]) -> Job | None:
    """Send a worker to sleep while this transaction has the lock that its own would need: with a lock of
    its own it would keep the others from taking over, which proves nothing. Answers the job as it stands
    then, None if the worker has lost it."""
    assert job.lease_until is not None
    stopped = uow.jobs.heartbeat(job.id, job.token, job.lease_until)
    if stopped is not None:
        for pid in family:
            send(pid, signal.SIGSTOP)
    return stopped


def pid_of(job: Job) -> int:
    return int(str(job.owner).rpartition(":")[2])


@BOTH
def test_whatever_happens_to_workers_each_effect_happens_once(
    app: App, workers: Workers, tmp_path: Path
) -> None:
    seed = int(os.environ.get("SALESML_TEST_SEED", random.randrange(10**6)))
    sys.stdout.write(f"again with SALESML_TEST_SEED={seed}\n")
    files = [a_file(tmp_path / f"{number}.csv", number) for number in range(2)]
    ids = [enqueue_import(app, path) for path in files]
    for _ in range(3):
        workers.start()
    chaos = Chaos(app, workers, random.Random(seed))
    until = time.monotonic() + PATIENCE_S
    while chaos.deck or chaos.sleepers:
        assert time.monotonic() < until, (chaos, unfinished(app))
        if len(unfinished(app)) < 3 and not chaos.sleepers:
            ids.append(enqueue(app, chaos.dice.choice([JobKind.BACKTEST, JobKind.SCORING])))
        time.sleep(chaos.dice.uniform(0.02, 0.2))
        chaos.strike()
    wait_until_all_ended(app)
    sys.stdout.write(f"{dict(chaos.done)}\n")
    assert chaos.done["woken past its lease"] > 0
    assert_each_effect_once(app, ids, len(files))


@BOTH
def test_two_workers_in_peace_run_each_job_once(app: App, workers: Workers, tmp_path: Path) -> None:
    ids = [enqueue_import(app, a_file(tmp_path / "orders.csv", 0))]
    ids += [enqueue(app, kind) for kind in [JobKind.BACKTEST, JobKind.SCORING] * 2]
    for _ in range(2):
        workers.start(patient=True)
    wait_until_all_ended(app)
    assert_each_effect_once(app, ids, 1)
    assert {(job.token, job.attempts) for job in (app.tx.read(jobs.get, each) for each in ids)} == {(1, 1)}

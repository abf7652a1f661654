"""Workers: stopped, killed, cancelled, and beside commands that wait for them."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, text
from tests.support import slow_worker
from tests.support.commands import Salesml
from tests.support.contents import (
    IMPORTING_SLOWLY,
    a_file_of_orders,
    connect,
    content,
    has_more,
    stored,
    undisturbed,
    versions,
)
from tests.support.shops import small_shop
from tests.support.workers import (
    DYING,
    FAULTY,
    PATIENT,
    TORTURED,
    Workers,
    children_of,
    send,
    settings_of,
    working,
)

from salesml.core.import_requests import ImportRequest
from salesml.core.imports import ImportKind, ImportState
from salesml.core.jobs import Job, JobStatus, Progress
from salesml.core.models import Target
from salesml.jobs import spool
from salesml.jobs.files import file_sha256
from salesml.jobs.runner import run_in_foreground
from salesml.services import import_requests, imports, jobs, requests
from salesml.wiring import App, open_app

BOTH = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
PATIENCE_S = 240


@pytest.fixture
def app(salesml: Salesml) -> Iterator[App]:
    with open_app(settings_of(salesml.environment)) as opened:
        yield opened


@pytest.fixture
def workers(salesml: Salesml) -> Iterator[Workers]:
    made = Workers(salesml.environment)
    yield made
    made.end()


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    """Enough for 60 slow chunks."""
    return a_file_of_orders(tmp_path / "orders.csv", 3_000)


def enqueue(app: App, path: Path, *, spooled: bool = False) -> int:
    request = ImportRequest(
        path=path, kind=ImportKind.ORDERS, source="default", sha256=file_sha256(path), spooled=spooled
    )
    return app.tx.run(import_requests.import_file, request, actor="test", now=datetime.now(UTC)).id


def until(app: App, job_id: int, good: Callable[[Job], bool]) -> Job:
    """The job as soon as it is good."""
    last = time.monotonic() + PATIENCE_S
    while not good(job := app.tx.read(jobs.get, job_id)):
        assert time.monotonic() < last, job
        time.sleep(0.02)
    return job


def has_begun(job: Job) -> bool:
    """Whether some chunks are stored."""
    return int(str(job.checkpoint.get("position", 0))) > 300


def has_ended(job: Job) -> bool:
    return job.finished_at is not None


def pid_of(job: Job) -> int:
    return int(str(job.owner).rpartition(":")[2])


def nothing_is_left(app: App, salesml: Salesml) -> bool:
    """Whether an import was taken back wholly, its staged files included."""
    with connect(salesml) as connection:
        rows = sum(stored(connection, table) for table in ("orders", "clients", "order_imports"))
    assert app.tx.read(imports.unfinished) == []
    return rows == 0 and not list((salesml.folder / "data" / "staging").iterdir())


@BOTH
def test_a_worker_that_is_stopped_hands_its_job_back_and_the_next_one_goes_on(
    app: App, salesml: Salesml, workers: Workers, orders: Path, tmp_path: Path
) -> None:
    job_id = enqueue(app, orders)
    first = workers.start(patient=True)
    until(app, job_id, has_begun)
    first.send_signal(signal.SIGTERM)
    assert first.wait(PATIENCE_S) == 0
    back = app.tx.read(jobs.get, job_id)
    assert (back.status, back.attempts, back.owner) == (JobStatus.QUEUED, 0, None)
    assert has_begun(back)
    with working(app, TORTURED):
        ended = until(app, job_id, has_ended)
    assert (ended.status, ended.attempts) == (JobStatus.SUCCEEDED, 1)
    assert content(salesml) == content(undisturbed(salesml, tmp_path, [("orders", orders)]))


@BOTH
def test_a_cancelled_import_is_stopped_and_taken_back(app: App, salesml: Salesml, orders: Path) -> None:
    job_id = enqueue(app, orders)
    with working(app, TORTURED):
        until(app, job_id, has_begun)
        app.tx.run(jobs.cancel, job_id, actor="ann", now=datetime.now(UTC))
        ended = until(app, job_id, has_ended)
    assert (ended.status, ended.error) == (JobStatus.CANCELLED, "cancelled")
    assert nothing_is_left(app, salesml)


def test_a_cancelled_import_that_nobody_runs_is_taken_back_by_the_next_worker(
    app: App, salesml: Salesml, orders: Path
) -> None:
    job_id = enqueue(app, orders)
    with working(app, TORTURED):
        until(app, job_id, has_begun)
    app.tx.run(jobs.cancel, job_id, actor="ann", now=datetime.now(UTC))
    assert app.tx.read(jobs.get, job_id).status is JobStatus.QUEUED
    with working(app, TORTURED):
        ended = until(app, job_id, has_ended)
    assert ended.status is JobStatus.CANCELLED
    assert nothing_is_left(app, salesml)


def test_a_job_whose_process_was_killed_goes_on_in_another(
    app: App, salesml: Salesml, orders: Path, tmp_path: Path
) -> None:
    job_id = enqueue(app, orders)
    with working(app, TORTURED, PATIENT):
        until(app, job_id, has_begun)
        for child in children_of(os.getpid()):
            send(child, signal.SIGKILL)
        ended = until(app, job_id, has_ended)
    assert (ended.status, ended.attempts) == (JobStatus.SUCCEEDED, 2)
    assert content(salesml) == content(undisturbed(salesml, tmp_path, [("orders", orders)]))


def test_an_import_that_kills_its_process_every_time_is_given_up_and_taken_back(
    app: App, salesml: Salesml, orders: Path
) -> None:
    job_id = enqueue(app, orders)
    with working(app, DYING):
        ended = until(app, job_id, has_ended)
    assert ended.status is JobStatus.FAILED
    assert ended.attempts == jobs.MAX_ATTEMPTS
    assert ended.error == (
        "given up after 5 attempts that did not end; "
        "its process was killed by SIGKILL, as when memory runs out"
    )
    assert nothing_is_left(app, salesml)
    (failed,) = app.tx.read(imports.page).items
    assert (failed.state, failed.error) == (ImportState.FAILED, ended.error)


def test_a_fault_of_the_program_fails_its_job_at_once_without_its_text(app: App, orders: Path) -> None:
    job_id = enqueue(app, orders)
    with working(app, FAULTY):
        ended = until(app, job_id, has_ended)
    assert (ended.status, ended.error) == (JobStatus.FAILED, "unexpected ZeroDivisionError")
    assert ended.attempts == 1


@BOTH
def test_a_worker_that_was_killed_takes_its_child_along_and_another_takes_over_at_once(
    app: App, salesml: Salesml, workers: Workers, orders: Path, tmp_path: Path
) -> None:
    job_id = enqueue(app, orders)
    first = workers.start(patient=True)
    job = until(app, job_id, has_begun)
    children = children_of(first.pid)
    workers.kill(first.pid)
    with working(app, TORTURED, PATIENT):
        taken = until(app, job_id, lambda job: job.attempts == 2)
    assert taken.lease_until is not None
    assert job.lease_until is not None
    assert (taken.lease_until - job.lease_until).total_seconds() < PATIENT.lease_s
    assert children
    deadline = time.monotonic() + PATIENCE_S
    while any(Path(f"/proc/{child}").exists() for child in children):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    with working(app, TORTURED):
        until(app, job_id, has_ended)
    assert content(salesml) == content(undisturbed(salesml, tmp_path, [("orders", orders)]))


def test_a_command_whose_job_a_worker_runs_ends_with_its_result(
    app: App, salesml: Salesml, orders: Path, tmp_path: Path
) -> None:
    other = a_file_of_orders(tmp_path / "other.csv", 5)
    before = enqueue(app, orders)
    with working(app, TORTURED):
        until(app, before, has_begun)
        result = salesml.good("import", "orders", other, "--json").json
        assert app.tx.read(jobs.get, before).status is JobStatus.SUCCEEDED
    assert (result["rows"], result["accepted"] + result["repeated"]) == (5, 5)


def test_a_command_whose_job_fails_in_a_worker_fails_with_its_reason(
    app: App, salesml: Salesml, orders: Path, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("order_id,client_id,ordered_at,amount\n1,A,2026-01-02,much\n")
    before = enqueue(app, orders)
    with working(app, TORTURED):
        until(app, before, has_begun)
        failed = salesml("import", "orders", bad)
    assert failed.status == 1
    assert failed.err.startswith("salesml: bad.csv: no good row; all 1 rows were set aside")


@BOTH
def test_ctrl_c_cancels_what_a_command_runs_itself(app: App, salesml: Salesml, tmp_path: Path) -> None:
    path = a_file_of_orders(tmp_path / "long.csv", 12_000)
    process = salesml.start("import", "orders", path, code=IMPORTING_SLOWLY)
    until_seen(salesml, has_more("orders", 0))()
    send(process.pid, signal.SIGINT)
    process.communicate(timeout=PATIENCE_S)
    assert process.returncode != 0
    (job,) = app.tx.read(jobs.page).items
    assert (job.status, job.error) == (JobStatus.CANCELLED, "interrupted")
    assert nothing_is_left(app, salesml)


def test_ctrl_c_cancels_what_a_worker_runs_for_a_command(
    app: App, salesml: Salesml, orders: Path, tmp_path: Path
) -> None:
    running = enqueue(app, orders)
    with working(app, TORTURED):
        until(app, running, has_begun)
        behind_it = enqueue(app, a_file_of_orders(tmp_path / "other.csv", 5))
        for job_id in (behind_it, running):
            with pytest.raises(KeyboardInterrupt):
                run_in_foreground(app, app.tx.read(jobs.get, job_id), interrupt)
            assert until(app, job_id, has_ended).status is JobStatus.CANCELLED
    assert nothing_is_left(app, salesml)


def interrupt(_: Progress) -> None:
    """Ctrl-C while the progress of another process is shown."""
    raise KeyboardInterrupt


def test_an_uploaded_file_is_removed_when_its_job_has_ended_and_not_before(app: App, tmp_path: Path) -> None:
    uploads = app.settings.data_dir / spool.FOLDER
    for name in ("waiting", "cancelled", "arriving", "forgotten"):
        (uploads / name).mkdir(parents=True)
        a_file_of_orders(uploads / name / "orders.csv", 200 + len(name))
    long_ago = time.time() - spool.NAMELESS_S - 60
    os.utime(uploads / "forgotten", (long_ago, long_ago))
    job_id, cancelled = (
        enqueue(app, uploads / name / "orders.csv", spooled=True) for name in ("waiting", "cancelled")
    )
    app.tx.run(jobs.cancel, cancelled, actor="ann", now=datetime.now(UTC))
    spool.sweep(app)
    assert {folder.name for folder in uploads.iterdir()} == {"waiting", "arriving"}
    with working(app, TORTURED):
        assert until(app, job_id, has_ended).status is JobStatus.SUCCEEDED
    assert {folder.name for folder in uploads.iterdir()} == {"arriving"}


@BOTH
def test_a_training_and_a_scoring_finish_after_their_worker_was_killed(
    app: App, salesml: Salesml, tmp_path: Path
) -> None:
    shop = small_shop(tmp_path / "shop", clients=3_000, months=6)
    salesml.good("import", "orders", shop["orders"])
    trained = app.tx.run(requests.training, list(Target), actor="test", now=datetime.now(UTC)).id
    models = salesml.folder / "data" / "models"
    worker_runs(salesml, until_seen(salesml, lambda _: any(models.glob("*.joblib"))))
    assert app.tx.read(jobs.get, trained).status is JobStatus.RUNNING
    worker_runs(salesml, lambda: until(app, trained, has_ended))
    salesml.good("train")
    made = [each[1:] for each in versions(salesml)]
    assert made[:4] == made[4:]
    scored = app.tx.run(requests.scoring, actor="test", now=datetime.now(UTC)).id
    worker_runs(salesml, until_seen(salesml, has_more("sales_predictions", 0)))
    assert app.tx.read(jobs.get, scored).status is JobStatus.RUNNING
    worker_runs(salesml, lambda: until(app, scored, has_ended))
    after_the_kill = forecasts(salesml)
    salesml.good("score")
    assert len(after_the_kill) > 2_000
    assert forecasts(salesml) == after_the_kill


def worker_runs(salesml: Salesml, until_then: Callable[[], object]) -> None:
    """`salesml worker` works until then, and is killed."""
    process = salesml.start("worker", stderr=subprocess.DEVNULL, code=slow_worker.CODE)
    try:
        until_then()
    finally:
        process.kill()
        process.communicate()


def until_seen(salesml: Salesml, reached: Callable[[Connection], bool]) -> Callable[[], None]:
    def wait() -> None:
        last = time.monotonic() + PATIENCE_S
        with connect(salesml) as connection:
            while not reached(connection):
                assert time.monotonic() < last, "it never came so far"
                time.sleep(0.01)

    return wait


def forecasts(salesml: Salesml) -> list[tuple[object, ...]]:
    """What the newest run has stored."""
    newest = "(SELECT max(id) FROM scoring_runs WHERE state = 'published')"
    sql = (
        f"SELECT client_id, predicted_sales FROM sales_predictions WHERE run_id = {newest} ORDER BY client_id"
    )
    with connect(salesml) as connection:
        return [tuple(row) for row in connection.execute(text(sql))]

"""Rows of a foreign database, imported again and again: one specification, both databases as the target."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from tests.support.servers import settings_of

from salesml import wiring
from salesml.core.errors import JobFailed
from salesml.core.imports import ImportKind
from salesml.core.jobs import Job, JobKind, Progress
from salesml.core.sources import Question
from salesml.jobs import imports as import_jobs
from salesml.jobs.runner import run_in_foreground
from salesml.jobs.spool import FOLDER
from salesml.services import jobs, orders, schedules
from salesml.services.sources import SourceRequest
from salesml.settings import Settings
from salesml.wiring import App, open_app

QUERY = "SELECT number AS order_id, who AS client_id, at AS ordered_at, amount, seq FROM sales"
ASKED = SourceRequest(
    connection="shop", question=Question(query=QUERY, watermark="seq"), kind=ImportKind.ORDERS
)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A shop's own database, with three sales."""
    path = tmp_path / "shop.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE sales (number TEXT, who TEXT, at TEXT, amount REAL, seq INTEGER)")
        connection.commit()
    sell(path, 1, 2, 3)
    return path


def sell(shop: Path, *numbers: int, amount: float = 10.5) -> None:
    rows = [(f"00{number}", f"c{number}", "2026-01-31 12:00:00", amount, number) for number in numbers]
    with closing(sqlite3.connect(shop)) as connection:
        connection.executemany("INSERT INTO sales VALUES (?, ?, ?, ?, ?)", rows)
        connection.commit()


@pytest.fixture
def app(database_url: str, shop: Path, tmp_path: Path) -> Iterator[App]:
    sources = {"shop": SecretStr(str(shop)), "gone": SecretStr(str(tmp_path / "gone.sqlite"))}
    settings: Settings = settings_of(tmp_path / "data", database_url).model_copy(update={"sources": sources})
    wiring.migrate(settings)
    with open_app(settings) as opened:
        yield opened


def ask(app: App, asked: SourceRequest = ASKED) -> Job:
    now = datetime.now(UTC)
    return app.tx.run(
        jobs.enqueue, JobKind.IMPORT, asked.args, unique_key=None, created_by="schedule:x", now=now
    )


def bring(app: App, asked: SourceRequest = ASKED) -> Mapping[str, Any]:
    return run_in_foreground(app, ask(app, asked), lambda _: None).result or {}


def counts(result: Mapping[str, Any]) -> tuple[int, int, int]:
    return result["rows"], result["accepted"], result["repeated"]


def test_each_run_goes_on_where_the_last_one_ended(app: App, shop: Path) -> None:
    assert counts(bring(app)) == (3, 3, 0)
    assert app.tx.read(orders.totals) == (3, 3, 3_150)
    # What has the largest value comes once more: rows that share it may have come later.
    assert counts(bring(app)) == (1, 0, 1)
    sell(shop, 3, 4, 5)
    assert counts(bring(app))[:2] == (4, 2)
    assert app.tx.read(orders.totals) == (5, 5, 5_250)
    assert list((app.settings.data_dir / FOLDER).iterdir()) == []


def test_an_empty_answer_is_no_error_and_no_import(app: App, shop: Path) -> None:
    later = replace(ASKED, question=Question(query=QUERY, watermark="seq", since="10"))
    assert bring(app, later)["import_id"] is None
    assert app.tx.read(orders.totals)[0] == 0
    sell(shop, 10)
    assert counts(bring(app, later)) == (1, 1, 0)


def test_another_query_or_source_begins_anew(app: App) -> None:
    bring(app)
    assert counts(bring(app, replace(ASKED, source="other"))) == (3, 3, 0)
    question = Question(query=f"{QUERY} WHERE amount > 0", watermark="seq")
    assert counts(bring(app, replace(ASKED, question=question))) == (3, 0, 3)


def test_a_query_may_place_the_watermark_itself(app: App, shop: Path) -> None:
    question = Question(query=f"{QUERY} WHERE seq > :watermark", watermark="seq", since="1")
    asked = replace(ASKED, question=question)
    assert counts(bring(app, asked)) == (2, 2, 0)
    assert bring(app, asked)["rows"] == 0
    sell(shop, 4)
    assert counts(bring(app, asked)) == (1, 1, 0)


def test_a_failed_import_moves_no_watermark(app: App, shop: Path) -> None:
    with closing(sqlite3.connect(shop)) as connection:
        connection.execute("UPDATE sales SET amount = NULL")
        connection.commit()
    with pytest.raises(JobFailed, match="no good row"):
        bring(app)
    with closing(sqlite3.connect(shop)) as connection:
        connection.execute("UPDATE sales SET amount = 1")
        connection.commit()
    assert counts(bring(app)) == (3, 3, 0)


@pytest.mark.parametrize("stage", ["fetching", "reading", "storing"])
def test_a_job_that_dies_goes_on_with_what_it_had_fetched(
    app: App, shop: Path, stage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows that come after its death are left to the next run, so that nothing is read twice over."""
    monkeypatch.setattr(import_jobs, "CHUNK", 1)

    def die(progress: Progress) -> None:
        if progress.stage == stage:
            raise SystemExit

    job = ask(app)
    with pytest.raises(SystemExit):
        run_in_foreground(app, job, die)
    sell(shop, 4)

    def let_go(uow: Any) -> None:
        held = uow.jobs.get(job.id)
        uow.jobs.release(held.id, held.token, counted=True)

    app.tx.run(let_go)
    done = run_in_foreground(app, app.tx.read(jobs.get, job.id), lambda _: None).result or {}
    assert done["rows"] == (4 if stage == "fetching" else 3)
    bring(app)
    assert app.tx.read(orders.totals) == (4, 4, 4_200)


def test_orders_without_numbers_are_refused(app: App) -> None:
    question = Question(query="SELECT who AS client_id, at AS ordered_at, amount FROM sales")
    with pytest.raises(JobFailed, match="no column found for order_id"):
        bring(app, replace(ASKED, question=question))


def test_errors_name_the_connection_or_the_database(app: App) -> None:
    with pytest.raises(JobFailed, match="SALESML_SOURCES has no connection 'nowhere'"):
        bring(app, replace(ASKED, connection="nowhere"))
    with pytest.raises(JobFailed, match=r"gone\.sqlite does not exist"):
        bring(app, replace(ASKED, connection="gone"))
    with pytest.raises(JobFailed, match="no such table"):
        bring(app, replace(ASKED, question=Question(query="SELECT * FROM nowhere")))


def test_a_schedule_runs_it(app: App) -> None:
    now = datetime(2026, 1, 31, 12, 30, tzinfo=UTC)

    def schedule(uow: Any) -> Any:
        args = {"from": "shop", "query": QUERY, "kind": "orders", "watermark": "seq"}
        schedules.create(
            uow,
            name="hourly",
            cron="0 * * * *",
            kind=JobKind.IMPORT,
            args=args,
            created_by="admin",
            now=now,
            connections=["shop"],
        )

    app.tx.run(schedule)
    (job,) = app.tx.run(schedules.fire, now=now + timedelta(hours=1))
    done = run_in_foreground(app, job, lambda _: None)
    assert (done.created_by, counts(done.result or {})) == ("schedule:hourly", (3, 3, 0))

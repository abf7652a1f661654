"""Background work on the command line: listed, shown, stopped."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer
from tests.support.commands import Salesml

from salesml.core.jobs import Job, JobKind, Pace
from salesml.jobs.runner import claim
from salesml.services import jobs
from salesml.settings import load_settings
from salesml.wiring import App, open_app


@contextmanager
def opened(salesml: Salesml) -> Iterator[App]:
    with salesml.monkeypatch.context() as patch:
        for name, value in salesml.environment.items():
            patch.setenv(name, value)
        with open_app(load_settings()) as app:
            yield app


def queued(app: App, kind: JobKind = JobKind.IMPORT) -> Job:
    now, args = datetime.now(UTC), {"path": "/somewhere/shop.csv"}
    return app.tx.run(jobs.enqueue, kind, args, unique_key=None, created_by="anna@shop.example", now=now)


def test_jobs_are_listed_and_shown(salesml: Salesml) -> None:
    salesml.good("migrate")
    with opened(salesml) as app:
        queued(app)
        queued(app, JobKind.PREVIEW)
    listed = salesml.good("jobs", "list", "--json").json
    assert [(one["id"], one["kind"], one["status"]) for one in listed] == [
        ("2", "preview", "queued"),
        ("1", "import", "queued"),
    ]
    assert [one["id"] for one in salesml.good("jobs", "list", "--kind", "import", "--json").json] == ["1"]
    assert salesml.good("jobs", "list", "--status", "failed", "--json").json == []
    assert "shop.csv" in salesml.good("jobs", "list").out
    shown = salesml.good("jobs", "show", "1").out
    assert shown == "job 1, import of shop.csv: queued, asked by anna@shop.example\n"
    assert salesml("jobs", "show", "9").err == "salesml: there is no job 9\n"


def test_a_queued_job_is_cancelled_at_once_and_only_once(salesml: Salesml) -> None:
    salesml.good("migrate")
    with opened(salesml) as app:
        queued(app)
    assert salesml.good("jobs", "cancel", "1").out == "job 1, import of shop.csv is cancelled\n"
    again = salesml.good("jobs", "cancel", "1").out
    assert again == "job 1, import of shop.csv has ended already: cancelled\n"
    document = salesml.good("jobs", "show", "1", "--json").json
    assert (document["error"], document["refusal"]["code"]) == ("cancelled", "cancelled")


def test_a_running_job_is_asked_to_stop(salesml: Salesml) -> None:
    salesml.good("migrate")
    with opened(salesml) as app:
        queued(app)
        assert claim(app, JobKind.IMPORT, Pace()) is not None
    told = salesml.good("jobs", "cancel", "1").out
    assert told == "job 1, import of shop.csv is asked to stop; whoever runs it takes back what it wrote\n"
    assert salesml.good("jobs", "cancel", "1", "--json").json["cancel_requested"] is True
    assert "asked to stop" in salesml.good("jobs", "show", "1").out


def test_whoever_is_asked_may_say_no(salesml: Salesml, monkeypatch: pytest.MonkeyPatch) -> None:
    salesml.good("migrate")
    with opened(salesml) as app:
        queued(app)
    asked = []

    def refuse(text: str, **_: object) -> bool:
        asked.append(text)
        raise typer.Abort

    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr(typer, "confirm", refuse)
    assert salesml("jobs", "cancel", "1").status == 1
    assert asked == ["Cancel job 1, import of shop.csv? What it wrote is taken back."]
    assert salesml.good("jobs", "show", "1", "--json").json["status"] == "queued"
    salesml.good("jobs", "cancel", "1", "--yes")
    assert len(asked) == 1


def test_a_refused_file_is_told_as_json_too(salesml: Salesml, tmp_path: Path) -> None:
    path = tmp_path / "empty.csv"
    path.touch()
    ended = salesml("import", "orders", path, "--json")
    assert (ended.status, ended.err) == (1, f"salesml: {path} is empty\n")
    assert ended.json == {"error": f"{path} is empty", "refusal": {"code": "empty", "values": {}}}
    assert salesml("import", "orders", path).out == ""

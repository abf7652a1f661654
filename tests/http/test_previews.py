"""What an import would do, told before anything is written."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import create_engine
from tests.http.test_imports import HEAD, send, worked
from tests.support.ledgers import contents
from tests.support.servers import Login

from salesml.core.errors import JobFailed
from salesml.core.import_requests import ImportRequest
from salesml.core.jobs import JobKind, Progress
from salesml.jobs import previews
from salesml.jobs.runner import run_in_foreground
from salesml.services import jobs
from salesml.wiring import App

STORED = HEAD + "1,A,2026-01-02T10:00:00,10.00,PLN\n2,B,2026-01-03T10:00:00,20.50,PLN\n"
NEXT = (
    HEAD
    + "1,A,2026-01-02T10:00:00,10.00,PLN\n"  # the same
    + "2,B,2026-01-03T10:00:00,99.00,PLN\n"  # another amount
    + "3,C,2026-01-04T10:00:00,5.25,PLN\n"
    + "4,,2026-01-05T10:00:00,4.75,PLN\n"
    + "5,C,2026-01-06T10:00:00,1.00,PLN\n"
    + "5,C,2026-01-06T10:00:00,1.00,PLN\n"
    + "6,D,yesterday,1.00,PLN\n"
    + "7,D,2026-01-06T10:00:00,1.00,EUR\n"
)
TABLES = ("orders", "order_repeats", "clients", "client_ids", "activity", "import_changes", "import_rejects")


def tables(app: App) -> dict[str, Any]:
    engine = create_engine(app.settings.database_url)
    found = contents(engine)
    engine.dispose()
    return {name: found[name] for name in TABLES}


async def look(
    app: App, client: httpx.AsyncClient, login: Login, content: str, **fields: str
) -> dict[str, Any]:
    """The result of a preview, worked off."""
    answer = await client.post(
        "/api/v1/imports",
        params={"preview": "true"},
        files={"file": ("orders.csv", content.encode())},
        data={"kind": "orders", **fields},
        headers=login.headers,
    )
    assert answer.status_code == 202, answer.text
    assert answer.json()["kind"] == "preview"
    run_in_foreground(app, app.tx.read(jobs.get, int(answer.json()["id"])), lambda _: None)
    found: dict[str, Any] = (await client.get(answer.headers["location"], headers=login.headers)).json()
    assert found["status"] == "succeeded"
    return dict(found["result"])


@pytest.mark.parametrize("update", ["false", "true"])
async def test_a_preview_counts_what_the_import_then_does_and_writes_nothing(
    app: App, client: httpx.AsyncClient, analyst: Login, update: str
) -> None:
    worked(app, await send(client, analyst, STORED))
    before = tables(app)
    seen = await look(app, client, analyst, NEXT, update=update)
    assert tables(app) == before
    number = worked(app, await send(client, analyst, NEXT, update=update))
    done = (await client.get(f"/api/v1/imports/{number}", headers=analyst.headers)).json()
    assert seen["counts"] == done["counts"]
    assert seen["reasons"] == done["reasons"]
    assert (seen["counts"]["accepted"], seen["counts"]["new_clients"]) == (3, 1)
    assert seen["counts"]["changed"] == (1 if update == "true" else 0)
    assert (seen["net_repeated"], seen["net_conflicts"]) == (10.0, 99.0)
    assert seen["ledger"] == done["report"]["ledger"]
    for name in ("refused", "unreadable"):
        assert seen[name] == done["report"][name]
    assert seen["reading"]["mapping"]["client_id"] == "client_id"


@pytest.mark.parametrize("preview", ["true", "false"])
async def test_whoever_waits_is_told_rows_and_bytes_of_the_file(
    app: App, client: httpx.AsyncClient, analyst: Login, preview: str
) -> None:
    answer = await client.post(
        "/api/v1/imports",
        params={"preview": preview},
        files={"file": ("orders.csv", STORED.encode())},
        data={"kind": "orders"},
        headers=analyst.headers,
    )
    seen: list[Progress] = []
    run_in_foreground(app, app.tx.read(jobs.get, int(answer.json()["id"])), seen.append)
    size = len(STORED.encode())
    read = Progress(stage="reading", done=2, bytes=size, total_bytes=size)
    assert [each for each in seen if each.stage == "reading"][-1] == read
    assert {each.total_bytes for each in seen if each.stage != "reading"} == {0}


async def test_a_preview_sums_the_money_of_refused_rows(
    app: App, client: httpx.AsyncClient, analyst: Login
) -> None:
    bad = HEAD + "1,A,2026-01-02T10:00:00,10.00,PLN\n" + "2,A,yesterday,2.50,PLN\n3,A,never,0.25,PLN\n"
    seen = await look(app, client, analyst, bad + "4,A,2026-01-02T10:00:00,much,PLN\n")
    assert seen["refused"] == [{"currency": "PLN", "rows": 2, "amount": 2.75}]
    assert seen["unreadable"] == 1


async def test_known_clients_and_days_are_told_from_new_ones(
    app: App, client: httpx.AsyncClient, analyst: Login
) -> None:
    files = {
        "clients": ("client_id,email\nA,a@x.pl\nB,b@x.pl\n", "client_id,email\nA,a@x.pl\nB,c@x.pl\nC,\n"),
        "activity": (
            "client_id,day,visits\nA,2026-01-02,3\nA,2026-01-03,3\n",
            "client_id,day,visits\nA,2026-01-02,3\nA,2026-01-03,4\nZ,2026-01-02,1\n",
        ),
    }
    for kind, (first, second) in files.items():
        worked(app, await send(client, analyst, first, kind=kind))
        seen = await look(app, client, analyst, second, kind=kind)
        number = worked(app, await send(client, analyst, second, kind=kind))
        done = (await client.get(f"/api/v1/imports/{number}", headers=analyst.headers)).json()
        assert seen["counts"] == done["counts"], kind
        assert (seen["counts"]["accepted"], seen["counts"]["changed"], seen["counts"]["repeated"]) == (
            1,
            1,
            1,
        )


async def test_a_file_without_a_good_row_has_a_preview_that_says_why(
    app: App, client: httpx.AsyncClient, analyst: Login
) -> None:
    seen = await look(app, client, analyst, HEAD + "1,A,yesterday,1.00,PLN\n")
    assert (seen["counts"]["accepted"], seen["counts"]["rejected"]) == (0, 1)
    assert seen["reasons"] == {"not_a_date": 1}


async def test_first_rows_lie_beside_the_file_and_not_in_the_queue(
    app: App, client: httpx.AsyncClient, analyst: Login
) -> None:
    await look(app, client, analyst, NEXT.replace(",A,", ",Anna-17,"))
    [job] = app.tx.read(jobs.page, kind=JobKind.PREVIEW).items
    assert "Anna-17" not in str(job)
    rows = previews.first_rows(ImportRequest.of(job.args).path, job.id)
    assert rows is not None
    assert rows.good[0]["client_external_id"] == "Anna-17"
    assert [row.code for row in rows.rejected] == ["not_a_date"]
    assert not list((app.settings.data_dir / "staging").glob("preview-*"))


async def test_a_preview_whose_file_has_changed_fails(
    app: App, client: httpx.AsyncClient, analyst: Login
) -> None:
    answer = await client.post(
        "/api/v1/imports?preview=true",
        files={"file": ("orders.csv", NEXT.encode())},
        data={"kind": "orders"},
        headers=analyst.headers,
    )
    job = app.tx.read(jobs.get, int(answer.json()["id"]))
    Path(str(job.args["path"])).write_text(STORED)
    with pytest.raises(JobFailed, match="has changed"):
        run_in_foreground(app, job, lambda _: None)

"""Files over HTTP: kept, imported in the background, reported row by row."""

import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from tests.support.servers import Login

from salesml.core.errors import JobFailed
from salesml.http.body_limit import MAX_BODY_BYTES
from salesml.http.uploads import safe_name
from salesml.jobs.runner import run_in_foreground
from salesml.services import jobs
from salesml.settings import Settings
from salesml.wiring import App

HEAD = "order_id,client_id,ordered_at,amount,currency\n"
GOOD = "1,A,2026-01-02T10:00:00,10.00,PLN\n2,B,2026-01-03T10:00:00,20.50,PLN\n"
BAD = "3,C,yesterday,7.00,PLN\n4,C,2026-01-03T10:00:00,NaN,PLN\n5,C,2026-01-03T10:00:00,7.00,EUR\n"


async def send(
    client: httpx.AsyncClient,
    login: Login,
    content: str | bytes,
    *,
    name: str = "orders.csv",
    **fields: str,
) -> httpx.Response:
    raw = content.encode() if isinstance(content, str) else content
    return await client.post(
        "/api/v1/imports",
        files={"file": (name, raw)},
        data={"kind": "orders", **fields},
        headers=login.headers,
    )


def worked(app: App, answer: httpx.Response) -> int:
    """Work the job off; the id of its import."""
    job = app.tx.read(jobs.get, int(answer.json()["id"]))
    result = run_in_foreground(app, job, lambda _: None).result
    assert result is not None
    return int(str(result["import_id"]))


def kept(app: App) -> list[Path]:
    return sorted((app.settings.data_dir / "uploads").glob("*/*"))


async def test_a_file_is_imported_and_reported(app: App, client: httpx.AsyncClient, analyst: Login) -> None:
    answer = await send(client, analyst, HEAD + GOOD + BAD)
    assert answer.status_code == 202, answer.text
    assert answer.json()["status"] == "queued"
    assert [path.name for path in kept(app)] == ["orders.csv"]
    number = worked(app, answer)
    job = (await client.get(answer.headers["location"], headers=analyst.headers)).json()
    assert (job["status"], job["result"]["import_id"]) == ("succeeded", str(number))
    found = (await client.get(f"/api/v1/imports/{number}", headers=analyst.headers)).json()
    assert (found["file_name"], found["state"], found["kind"]) == ("orders.csv", "published", "orders")
    assert {name: found["counts"][name] for name in ("rows", "accepted", "rejected", "net")} == {
        "rows": 5,
        "accepted": 2,
        "rejected": 3,
        "net": 30.5,
    }
    assert found["reasons"] == {"not_a_date": 1, "not_a_number": 1, "no_rate": 1}
    assert found["reading"]["mapping"]["client_id"] == "client_id"
    listed = (await client.get("/api/v1/imports", headers=analyst.headers)).json()
    assert [each["id"] for each in listed["items"]] == [str(number)]


async def test_rows_set_aside_come_page_by_page(app: App, client: httpx.AsyncClient, analyst: Login) -> None:
    number = worked(app, await send(client, analyst, HEAD + GOOD + BAD))
    path, rows, cursor = f"/api/v1/imports/{number}/rejected", [], ""
    while cursor is not None:
        query = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = (await client.get(path, params=query, headers=analyst.headers)).json()
        rows += page["items"]
        cursor = page["next_cursor"]
    assert [(row["row"], row["field"], row["code"]) for row in rows] == [
        (3, "ordered_at", "not_a_date"),
        (4, "amount", "not_a_number"),
        (5, "currency", "no_rate"),
    ]
    assert rows[0]["raw"] == "yesterday"
    other = (await client.get("/api/v1/imports/99/rejected", headers=analyst.headers)).status_code
    assert other == 404


async def test_choices_of_the_form_are_followed(app: App, client: httpx.AsyncClient, analyst: Login) -> None:
    lines = "nr;who;day;sum\n7;A;02/01/2026;1.00\n7;A;02/01/2026;2.00\n"
    mapping = '{"order_id": "nr", "client_id": "who", "ordered_at": "day", "amount": "sum"}'
    answer = await send(
        client, analyst, gzip.compress(lines.encode()), name="lines.csv.gz", mapping=mapping,
        lines="true", dates="dmy", source="shop-2", separator=";", encoding="",
    )  # fmt: skip
    number = worked(app, answer)
    found = (await client.get(f"/api/v1/imports/{number}", headers=analyst.headers)).json()
    assert (found["source"], found["reading"]["lines"], found["reading"]["date_format"]) == (
        "shop-2",
        True,
        "dmy",
    )
    assert (found["counts"]["accepted"], found["counts"]["net"]) == (1, 3.0)


@pytest.mark.parametrize(
    ("content", "fields", "code"),
    [
        ("order_id,client_id,ordered_at,amount\n1,A,02/03/2026,5.00\n", {}, "ambiguous"),
        ("client_id,amount\nA,5\n", {}, "columns_missing"),
        (b"\x00\x01\x02\x03" * 100, {}, "file_unreadable"),
        ("", {}, "file_unreadable"),
        (HEAD + GOOD, {"kind": "horses"}, "invalid_value"),
        (HEAD + GOOD, {"mapping": "{client_id"}, "invalid_value"),
        (HEAD + GOOD, {"mapping": '{"client_id": 3}'}, "invalid_value"),
        (HEAD + GOOD, {"source": " shop "}, "invalid_value"),
        (HEAD + GOOD, {"colour": "red"}, "invalid_value"),
        (HEAD + GOOD, {"lines": "perhaps"}, "invalid_value"),
    ],
)
async def test_what_cannot_be_read_is_refused_at_once_and_not_kept(
    app: App, client: httpx.AsyncClient, analyst: Login, content: str, fields: dict[str, str], code: str
) -> None:
    answer = await send(client, analyst, content, **fields)
    assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text
    assert str(app.settings.data_dir) not in answer.text
    assert kept(app) == []
    assert (await client.get("/api/v1/jobs", headers=analyst.headers)).json()["items"] == []


async def test_a_refusal_tells_its_code_and_values(client: httpx.AsyncClient, analyst: Login) -> None:
    answer = await send(client, analyst, "order_id,client_id,ordered_at,amount\n1,A,02/03/2026,5.00\n")
    assert answer.json()["refusal"] == {
        "code": "ambiguous_dates",
        "values": {
            "column": "ordered_at",
            "value": "02/03/2026",
            "day_first": "2026-03-02",
            "month_first": "2026-02-03",
        },
    }


async def test_a_failed_import_tells_the_code_of_its_reason(
    app: App, client: httpx.AsyncClient, analyst: Login
) -> None:
    asked = await send(client, analyst, HEAD + "1,A,2026-01-31,much,PLN\n")
    with pytest.raises(JobFailed, match="no good row") as failed:
        worked(app, asked)
    job = (await client.get(f"/api/v1/jobs/{asked.json()['id']}", headers=analyst.headers)).json()
    told = {"rows": 1, "row": 1, "field": "amount", "why": "not_a_number"}
    assert job["refusal"]["code"] == "no_good_row_but"
    assert told.items() <= job["refusal"]["values"].items()
    listed = (await client.get("/api/v1/imports", headers=analyst.headers)).json()["items"]
    assert [one["refusal"] for one in listed] == [job["refusal"]]
    assert failed.value.refusal is not None
    assert failed.value.refusal.plain() == job["refusal"]


async def test_a_form_without_a_file_is_refused(client: httpx.AsyncClient, analyst: Login) -> None:
    answer = await client.post("/api/v1/imports", data={"kind": "orders"}, headers=analyst.headers)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "file")


async def test_the_same_file_twice_is_one_import_while_it_is_unfinished(
    app: App, client: httpx.AsyncClient, analyst: Login
) -> None:
    first, second = [await send(client, analyst, HEAD + GOOD) for _ in range(2)]
    assert first.json()["id"] == second.json()["id"]
    assert len(kept(app)) == 1
    other = await send(client, analyst, HEAD + GOOD, update="true")
    assert other.json()["id"] != first.json()["id"]


class TestLimits:
    """Uploads under a limit of 1 MiB."""

    @pytest.fixture
    def installation(self, installation: Settings) -> Settings:
        return installation.model_copy(update={"max_upload_mb": 1})

    async def test_a_file_over_the_limit_is_refused(
        self, app: App, client: httpx.AsyncClient, analyst: Login
    ) -> None:
        answer = await send(client, analyst, HEAD + GOOD * 20_000)
        assert (answer.status_code, answer.json()["code"]) == (413, "file_too_large")
        assert "SALESML_MAX_UPLOAD_MB" in answer.json()["detail"]
        assert kept(app) == []

    async def test_so_is_one_that_does_not_say_how_long_it_is(
        self, app: App, client: httpx.AsyncClient, analyst: Login
    ) -> None:
        async def endless() -> AsyncIterator[bytes]:
            yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
            for _ in range(64):
                yield b"1,2,3\n" * 10_000

        headers = {**analyst.headers, "content-type": "multipart/form-data; boundary=x"}
        answer = await client.post("/api/v1/imports", content=endless(), headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (413, "file_too_large")
        assert kept(app) == []


async def test_a_file_may_be_larger_than_other_bodies(client: httpx.AsyncClient, analyst: Login) -> None:
    rows = "".join(f"{number},A,2026-01-02T10:00:00,10.00,PLN\n" for number in range(300_000))
    assert len(rows) > MAX_BODY_BYTES
    assert (await send(client, analyst, HEAD + rows)).status_code == 202


async def test_nobody_in_particular_uploads_nothing(app: App, client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/v1/imports", files={"file": ("a.csv", b"x")}, data={"kind": "orders"})
    assert answer.status_code == 401
    assert kept(app) == []


@pytest.mark.parametrize(
    ("given", "safe"),
    [
        ("orders.csv", "orders.csv"),
        ("../../etc/passwd", "passwd"),
        ("C:\\shop\\orders.csv", "orders.csv"),
        ("a\x00b\r\n.csv", "ab.csv"),
        ("\u202efdp.csv", "fdp.csv"),
        ("..", "upload"),
        ("", "upload"),
        (None, "upload"),
        ("zażółć.csv", "zażółć.csv"),
    ],
)
def test_a_file_name_cannot_lead_anywhere(given: str | None, safe: str) -> None:
    assert safe_name(given) == safe


def test_a_long_file_name_keeps_its_ending() -> None:
    name = safe_name("ł" * 300 + ".csv.gz")
    assert name.endswith("ł.csv.gz")
    assert len(name.encode()) <= 120

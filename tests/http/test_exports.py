"""Lists as downloads, a client's own data, and erasing over HTTP."""

import csv
import io
import os
from pathlib import Path

import httpx
import pyarrow.parquet as pq
import pytest
from fastapi import FastAPI
from tests.support.forms import Importing
from tests.support.servers import Login

from salesml.api.openapi import document
from salesml.services import exports
from salesml.wiring import App

BASE = "/api/v1"
NOUNS = ("clients", "orders", "activity", "predictions", "scoring-runs", "imports")


@pytest.fixture
async def filled(client: httpx.AsyncClient, analyst: Login) -> str:
    """Our id of Anna, who has an order and a day of activity, beside Jan."""
    for number, name in (("0042", "Anna"), ("0043", "Jan")):
        body = {"external_id": number, "first_name": name, "email": f"{name}@shop.example"}
        answer = await client.post(f"{BASE}/clients", json=body, headers=analyst.headers)
        if name == "Anna":
            anna = str(answer.json()["id"])
    order = {"order_id": "1", "client_id": "0042", "ordered_at": "2026-01-05T12:00:00", "amount": -10.5}
    await client.post(f"{BASE}/orders", json=[order], headers=analyst.headers)
    day = {"client_id": "0042", "day": "2026-01-05", "visits": 3}
    await client.post(f"{BASE}/activity", json=[day], headers=analyst.headers)
    return anna


async def rows(client: httpx.AsyncClient, login: Login, noun: str, **query: str) -> list[dict[str, str]]:
    answer = await client.get(f"{BASE}/exports/{noun}", params=query, headers=login.headers)
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


@pytest.mark.usefixtures("filled")
async def test_every_list_downloads_in_every_format_under_a_telling_name(
    client: httpx.AsyncClient, admin: Login
) -> None:
    for noun in (*NOUNS, "audit"):
        for ending, begins in (("csv", b'"'), ("xlsx", b"PK"), ("parquet", b"PAR1")):
            answer = await client.get(f"{BASE}/exports/{noun}?format={ending}", headers=admin.headers)
            assert answer.status_code == 200, (noun, ending, answer.text)
            assert answer.content.startswith(begins), (noun, ending)
            assert int(answer.headers["content-length"]) == len(answer.content)
            told = answer.headers["content-disposition"]
            assert told.startswith(f'attachment; filename="{noun}-20'), told
            assert told.endswith(f'.{ending}"')
            assert answer.headers["cache-control"] == "no-store"


async def test_a_list_is_narrowed_as_its_page_is(
    client: httpx.AsyncClient, analyst: Login, filled: str
) -> None:
    assert [one["first_name"] for one in await rows(client, analyst, "clients", sort="-name")] == [
        "Jan",
        "Anna",
    ]
    assert [one["client_id"] for one in await rows(client, analyst, "clients", q="ann")] == ["0042"]
    (order,) = await rows(client, analyst, "orders", client_id=filled, source="default")
    assert (order["amount"], order["ordered_at"]) == ("-10.50", "2026-01-05T11:00:00Z")
    assert await rows(client, analyst, "orders", **{"from": "2026-01-06"}) == []
    assert len(await rows(client, analyst, "activity", to="2026-01-05")) == 1


@pytest.mark.usefixtures("filled")
async def test_a_download_is_a_whole_parquet_file(client: httpx.AsyncClient, analyst: Login) -> None:
    answer = await client.get(f"{BASE}/exports/clients?format=parquet", headers=analyst.headers)
    assert pq.read_table(io.BytesIO(answer.content)).column("first_name").to_pylist() == ["Anna", "Jan"]


@pytest.mark.usefixtures("filled")
async def test_nothing_of_a_download_is_kept(client: httpx.AsyncClient, analyst: Login, app: App) -> None:
    for ending in ("csv", "xlsx", "parquet"):
        await client.get(f"{BASE}/exports/clients?format={ending}", headers=analyst.headers)
    left = [path for path in (app.settings.data_dir / "exports").rglob("*") if path.is_file()]
    assert left == []


@pytest.mark.usefixtures("filled")
async def test_a_workbook_that_would_take_too_long_is_refused_and_other_formats_are_not(
    app: App, client: httpx.AsyncClient, analyst: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "MAX_WORKBOOK_ROWS", 1)
    answer = await client.get(f"{BASE}/exports/clients?format=xlsx", headers=analyst.headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_value")
    for word in ("more than 1 rows", "csv or parquet", "narrow the list"):
        assert word in answer.json()["detail"]
    for query in ("clients?format=csv", "clients?format=parquet", "clients?format=xlsx&q=ann"):
        answer = await client.get(f"{BASE}/exports/{query}", headers=analyst.headers)
        assert answer.status_code == 200, query
    pages = Importing(app, client)
    await pages.sign_in(analyst.user.email)
    answer = await client.get("/exports/clients?format=xlsx")
    assert (answer.status_code, answer.headers["location"]) == (303, "/exports")
    shown = (await client.get("/exports", headers={"accept-language": "en"})).text
    assert "Choose CSV or Parquet" in shown


async def test_a_senseless_wish_is_refused(client: httpx.AsyncClient, analyst: Login) -> None:
    for query, status in (
        ("orders?format=xls", 422),
        ("orders?client_id=999", 404),
        ("orders?from=soon", 422),
        ("rejected", 422),
        ("rejected?import_id=999", 404),
        ("predictions?run_id=999", 404),
        ("clients?colour=red", 422),
        ("users", 404),
    ):
        answer = await client.get(f"{BASE}/exports/{query}", headers=analyst.headers)
        assert answer.status_code == status, (query, answer.text)


async def test_the_trail_leaves_for_administrators_only(client: httpx.AsyncClient, analyst: Login) -> None:
    answer = await client.get(f"{BASE}/exports/audit", headers=analyst.headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")


async def test_a_client_is_told_everything_and_then_erased(
    client: httpx.AsyncClient, admin: Login, analyst: Login, filled: str, app: App
) -> None:
    told = (await client.get(f"{BASE}/clients/{filled}/data", headers=analyst.headers)).json()
    assert told["client"]["first_name"] == "Anna"
    assert told["orders"][0]["amount"] == -10.5
    assert told["activity"][0]["day"] == "2026-01-05"
    leftover = app.settings.data_dir / "uploads" / "abandoned" / "anna.csv"
    leftover.parent.mkdir(parents=True)
    leftover.write_text("0042,anna@shop.example")
    arriving = leftover.parents[1] / "arriving" / "other.csv"
    arriving.parent.mkdir()
    arriving.write_text("its job is not queued yet")
    os.utime(leftover.parent, (0, 0))
    refused = await client.post(f"{BASE}/clients/{filled}/erase", headers=analyst.headers)
    assert refused.status_code == 403
    answer = await client.post(f"{BASE}/clients/{filled}/erase", headers=admin.headers)
    erased = answer.json()["erased"]
    assert (erased["clients"], erased["orders"], erased["activity"]) == (1, 1, 1)
    assert (leftover.exists(), arriving.exists()) == (False, True)
    for path in (f"clients/{filled}", f"clients/{filled}/data"):
        assert (await client.get(f"{BASE}/{path}", headers=admin.headers)).status_code == 404
    assert (await client.post(f"{BASE}/clients/{filled}/erase", headers=admin.headers)).status_code == 404
    trail = (await client.get(f"{BASE}/audit", headers=admin.headers)).text
    assert "client.erased" in trail
    assert "0042" not in trail
    again = await client.post(f"{BASE}/clients", json={"external_id": "0042"}, headers=admin.headers)
    assert (again.status_code, again.json()["code"]) == (422, "invalid_value")


async def test_exports_are_described_as_files(server: FastAPI) -> None:
    for path, verbs in document(server)["paths"].items():
        if path.startswith(f"{BASE}/exports/"):
            assert "text/csv" in verbs["get"]["responses"]["200"]["content"], Path(path).name

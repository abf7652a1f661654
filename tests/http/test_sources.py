"""Foreign databases over HTTP: by name, for administrators, imported in the background."""

import sqlite3
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr
from tests.support.servers import PASSWORD, Login, settings_of

from salesml import wiring
from salesml.jobs.runner import run_in_foreground
from salesml.services import jobs, orders
from salesml.settings import Settings
from salesml.wiring import App

PATH = "/api/v1/sources"
BODY = {
    "kind": "orders",
    "query": "SELECT n AS order_id, n AS client_id, at AS ordered_at, n AS amount FROM sales",
}


@pytest.fixture
def installation(database_url: str, tmp_path: Path) -> Settings:
    shop = tmp_path / "shop.sqlite"
    with closing(sqlite3.connect(shop)) as connection:
        connection.executescript(
            "CREATE TABLE sales (n INTEGER, at TEXT);"
            "INSERT INTO sales VALUES (1, '2026-01-31'), (2, '2026-02-01')"
        )
    sources = {"shop": SecretStr(str(shop)), "books": SecretStr("postgresql://me:secret@host/books")}
    settings = settings_of(tmp_path / "data", database_url).model_copy(update={"sources": sources})
    wiring.migrate(settings)
    return settings


async def test_rows_of_a_named_database_are_imported(
    client: httpx.AsyncClient, admin: Login, app: App
) -> None:
    listed = await client.get(PATH, headers=admin.headers)
    assert [one["name"] for one in listed.json()["items"]] == ["books", "shop"]
    assert "secret" not in listed.text
    answer = await client.post(f"{PATH}/shop/imports", json=BODY, headers=admin.headers)
    assert (answer.status_code, answer.json()["status"]) == (202, "queued")
    again = await client.post(f"{PATH}/shop/imports", json=BODY, headers=admin.headers)
    assert again.json()["id"] == answer.json()["id"]
    run_in_foreground(app, app.tx.read(jobs.get, int(answer.json()["id"])), lambda _: None)
    assert app.tx.read(orders.totals) == (2, 2, 300)
    done = (await client.get(answer.headers["location"], headers=admin.headers)).json()
    assert (done["status"], done["result"]["accepted"]) == ("succeeded", 2)


async def test_pages_tell_of_it(client: httpx.AsyncClient, admin: Login, app: App) -> None:
    await client.post("/login", data={"email": admin.user.email, "password": PASSWORD, "next": "/"})
    later = BODY | {"watermark": "order_id", "since": "9"}
    job = (await client.post(f"{PATH}/shop/imports", json=later, headers=admin.headers)).json()
    for page in ("/imports", f"/imports/jobs/{job['id']}"):
        assert "shop" in (await client.get(page)).text
    run_in_foreground(app, app.tx.read(jobs.get, int(job["id"])), lambda _: None)
    for page in ("/imports", "/jobs", f"/imports/jobs/{job['id']}", f"/jobs/{job['id']}"):
        assert (await client.get(page)).status_code == 200, page
    ended = (await client.get(f"/imports/jobs/{job['id']}", headers={"accept-language": "en"})).text
    assert "nothing new" in ended
    done = (await client.get(f"/api/v1/jobs/{job['id']}", headers=admin.headers)).json()
    assert (done["status"], done["result"]["import_id"]) == ("succeeded", None)


@pytest.mark.parametrize(
    ("name", "changes", "status"),
    [
        ("nowhere", {}, 404),
        ("postgresql:", {}, 404),
        ("shop", {"kind": "weather"}, 422),
        ("shop", {"query": " "}, 422),
        ("shop", {"query": "SELECT * FROM sales WHERE at > :watermark", "watermark": "at"}, 422),
        ("shop", {"since": "2026-01-01"}, 422),
        ("shop", {"from": "postgresql://me@host/shop"}, 422),
        ("shop", {"source": ""}, 422),
    ],
)
async def test_what_cannot_be_asked_is_refused(
    client: httpx.AsyncClient, admin: Login, name: str, changes: dict[str, str], status: int
) -> None:
    answer = await client.post(f"{PATH}/{name}/imports", json=BODY | changes, headers=admin.headers)
    assert answer.status_code == status

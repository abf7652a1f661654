"""Recurring work, and the audit trail of it, over HTTP."""

from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr
from tests.support.servers import Login, settings_of

from salesml import wiring
from salesml.settings import Settings

NIGHTLY = {"cron": "30 3 * * *", "kind": "scoring"}
FROM_SHOP = {"from": "shop", "query": "SELECT * FROM sales", "kind": "orders"}
PATH = "/api/v1/schedules"


@pytest.fixture
def installation(database_url: str, tmp_path: Path) -> Settings:
    """One that knows a foreign database."""
    sources = {"shop": SecretStr("postgresql://me:secret@host/shop")}
    settings = settings_of(tmp_path / "data", database_url).model_copy(update={"sources": sources})
    wiring.migrate(settings)
    return settings


async def test_an_import_from_a_named_database_is_scheduled(client: httpx.AsyncClient, admin: Login) -> None:
    args = {**FROM_SHOP, "watermark": "updated_at", "since": "2026-01-01", "update": "true"}
    body = {**NIGHTLY, "kind": "import", "args": args}
    put = await client.put(f"{PATH}/hourly", json=body, headers=admin.headers)
    assert put.status_code == 200, put.text
    assert put.json()["args"] == {**args, "source": "default", "update": True}
    assert "secret" not in put.text


async def test_a_schedule_is_put_changed_listed_and_deleted(client: httpx.AsyncClient, admin: Login) -> None:
    put = await client.put(f"{PATH}/nightly", json=NIGHTLY, headers=admin.headers)
    assert (put.status_code, put.json()["created_by"]) == (200, admin.user.email)
    changed = {**NIGHTLY, "cron": "0 4 * * 1", "kind": "training", "args": {"targets": "sales"}}
    await client.put(f"{PATH}/nightly", json=changed, headers=admin.headers)
    listed = (await client.get(PATH, headers=admin.headers)).json()
    assert [(each["name"], each["cron"], each["kind"]) for each in listed["items"]] == [
        ("nightly", "0 4 * * 1", "training")
    ]
    assert listed["items"][0]["args"]["targets"] == "sales"
    assert (await client.delete(f"{PATH}/nightly", headers=admin.headers)).status_code == 204
    assert (await client.delete(f"{PATH}/nightly", headers=admin.headers)).status_code == 404
    trail = (await client.get("/api/v1/audit", headers=admin.headers)).json()["items"]
    actions = [event["action"] for event in trail if event["subject"] == "nightly"]
    assert actions == ["schedule.deleted", "schedule.created", "schedule.created"]


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("nightly", {**NIGHTLY, "cron": "often"}),
        ("nightly", {**NIGHTLY, "cron": "* * * * * *"}),
        ("nightly", {**NIGHTLY, "kind": "backtest"}),
        ("nightly", {**NIGHTLY, "kind": "import"}),
        *(
            ("nightly", {**NIGHTLY, "kind": "import", "args": {**FROM_SHOP, **wrong}})
            for wrong in (
                {"from": "other"},
                {"from": "postgresql://me:secret@host/shop"},
                {"query": ""},
                {"query": "SELECT * FROM sales WHERE at > :watermark"},
                {"query": "SELECT * FROM sales WHERE at > :watermark", "watermark": "at"},
                {"kind": "weather"},
                {"since": "2026-01-01"},
                {"update": "perhaps"},
                {"source": " "},
                {"colour": "red"},
            )
        ),
        ("nightly", {**NIGHTLY, "kind": "training", "args": {"targets": "weather"}}),
        ("nightly", {**NIGHTLY, "args": {"colour": "red"}}),
        ("nightly", {**NIGHTLY, "colour": "red"}),
        ("Nightly!", NIGHTLY),
    ],
)
async def test_a_wrong_schedule_is_refused(
    client: httpx.AsyncClient, admin: Login, name: str, body: object
) -> None:
    answer = await client.put(f"{PATH}/{name}", json=body, headers=admin.headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_value")
    assert (await client.get(PATH, headers=admin.headers)).json()["items"] == []


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", PATH), ("PUT", f"{PATH}/a"), ("DELETE", f"{PATH}/a"), ("GET", "/api/v1/audit")],
)
async def test_schedules_and_the_trail_are_for_administrators(
    client: httpx.AsyncClient, analyst: Login, method: str, path: str
) -> None:
    answer = await client.request(method, path, json=NIGHTLY, headers=analyst.headers)
    assert answer.status_code == 403

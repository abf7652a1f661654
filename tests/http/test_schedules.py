"""Recurring work, and the audit trail of it, over HTTP."""

import httpx
import pytest
from tests.support.servers import Login

NIGHTLY = {"cron": "30 3 * * *", "kind": "scoring"}
PATH = "/api/v1/schedules"


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
        ("nightly", {**NIGHTLY, "kind": "import"}),
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

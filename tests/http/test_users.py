"""Administrators manage users; nobody else does."""

import json
from typing import Any

import httpx
import pytest
from tests.support.servers import PASSWORD, Login

from salesml.wiring import App

NEW: dict[str, Any] = {"email": "Ewa@Shop.example", "role": "analyst", "password": "a long passphrase"}
URL = "/api/v1/users"


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """The repositories have their specification on both engines."""
    return sqlite_url


async def create(client: httpx.AsyncClient, admin: Login, **changes: object) -> httpx.Response:
    # Escaped, so that a test can send half of a surrogate pair.
    body, kind = json.dumps(NEW | changes), {"Content-Type": "application/json"}
    return await client.post(URL, content=body, headers=admin.headers | kind)


async def login(client: httpx.AsyncClient, email: str, password: str) -> int:
    form = {"username": email, "password": password}
    return (await client.post("/api/v1/auth/token", data=form)).status_code


def trail(app: App) -> list[tuple[str, str, str]]:
    events = app.tx.read(lambda uow: uow.audit.latest())
    return [(event.actor, event.action, event.subject) for event in reversed(events)]


async def test_a_new_user_is_answered_without_password_and_may_log_in(
    client: httpx.AsyncClient, app: App, admin: Login
) -> None:
    answer = await create(client, admin)
    assert answer.status_code == 201
    made = answer.json()
    assert answer.headers["location"] == f"{URL}/{made['id']}"
    assert made.items() >= {"email": "ewa@shop.example", "role": "analyst", "is_active": True}.items()
    assert set(made) == {"id", "email", "role", "is_active", "language", "created_at"}
    assert (await client.get(answer.headers["location"], headers=admin.headers)).json() == made
    assert await login(client, "ewa@shop.example", NEW["password"]) == 200
    assert ("admin@shop.example", "user.created", "ewa@shop.example") in trail(app)


async def test_users_are_listed_by_address(client: httpx.AsyncClient, admin: Login, analyst: Login) -> None:
    listed = (await client.get(URL, headers=admin.headers)).json()
    assert [user["email"] for user in listed["items"]] == ["admin@shop.example", "analyst@shop.example"]
    assert (listed["next_cursor"], listed["total"]) == (None, 2)
    assert "hash" not in str(listed)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "no address"}, "email"),
        ({"email": "x" * 255}, "email"),
        ({"email": "a\x00@shop.example"}, "email"),
        ({"email": "a\u202e@shop.example"}, "email"),
        ({"email": "\ud800@shop.example"}, "email"),
        ({"password": "\ud800" * 20}, "password"),
        ({"role": "king"}, "role"),
        ({"password": "short"}, "password"),
        ({"password": "password1"}, "password"),
        ({"password": "x" * 4097}, "password"),
        ({"password": "x" * 1025}, "password"),
        ({"password": None}, "password"),
        ({"is_active": False}, "is_active"),
        ({"id": "1"}, "id"),
        ({"password_hash": "x"}, "password_hash"),
    ],
)
async def test_a_user_who_breaks_a_rule_is_not_made(
    client: httpx.AsyncClient, app: App, admin: Login, changes: dict[str, object], field: str
) -> None:
    answer = await create(client, admin, **changes)
    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["errors"]] == [field]
    assert len(app.tx.read(lambda uow: uow.users.list())) == 1


async def test_an_address_is_given_once(client: httpx.AsyncClient, admin: Login) -> None:
    assert (await create(client, admin)).status_code == 201
    again = await create(client, admin, email="ewa@shop.EXAMPLE")
    assert (again.status_code, again.json()["code"]) == (409, "already_exists")


@pytest.mark.parametrize(
    ("change", "action"),
    [
        ({"role": "admin"}, "user.role_changed"),
        ({"is_active": False}, "user.disabled"),
        ({"password": "another passphrase"}, "user.password_changed"),
    ],
)
async def test_a_change_ends_every_login_of_that_user_and_is_audited(
    client: httpx.AsyncClient, app: App, admin: Login, analyst: Login, change: dict[str, Any], action: str
) -> None:
    path = f"{URL}/{analyst.user.id}"
    assert (await client.get("/api/v1/auth/me", headers=analyst.headers)).status_code == 200
    answer = await client.patch(path, json=change, headers=admin.headers)
    assert answer.status_code == 200
    assert answer.json().items() >= {k: v for k, v in change.items() if k != "password"}.items()
    assert (await client.get("/api/v1/auth/me", headers=analyst.headers)).status_code == 401
    assert (await client.get("/api/v1/auth/me", headers=admin.headers)).status_code == 200
    assert trail(app) == [("admin@shop.example", action, "analyst@shop.example")]
    assert "passphrase" not in str(app.tx.read(lambda uow: uow.audit.latest()))


async def test_a_changed_password_counts_at_once(
    client: httpx.AsyncClient, admin: Login, analyst: Login
) -> None:
    change = {"password": "another passphrase"}
    await client.patch(f"{URL}/{analyst.user.id}", json=change, headers=admin.headers)
    assert await login(client, analyst.user.email, PASSWORD) == 401
    assert await login(client, analyst.user.email, "another passphrase") == 200


async def test_what_changes_nothing_ends_no_login(
    client: httpx.AsyncClient, app: App, admin: Login, analyst: Login
) -> None:
    same: dict[str, Any]
    for same in ({}, {"role": "analyst"}, {"is_active": True, "role": None}):
        answer = await client.patch(f"{URL}/{analyst.user.id}", json=same, headers=admin.headers)
        assert answer.status_code == 200
    assert (await client.get("/api/v1/auth/me", headers=analyst.headers)).status_code == 200
    assert trail(app) == []


@pytest.mark.parametrize("change", [{"role": "analyst"}, {"is_active": False}])
async def test_the_last_administrator_stays_one(
    client: httpx.AsyncClient, app: App, admin: Login, analyst: Login, change: dict[str, Any]
) -> None:
    path = f"{URL}/{admin.user.id}"
    answer = await client.patch(path, json=change, headers=admin.headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    assert (await client.get("/api/v1/auth/me", headers=admin.headers)).status_code == 200
    assert trail(app) == []
    await create(client, admin, role="admin")
    assert (await client.patch(path, json=change, headers=admin.headers)).status_code == 200


@pytest.mark.parametrize("user_id", ["0", "-1", "x", "1.5", str(2**63), "9" * 400])
async def test_an_id_that_cannot_be_one_is_refused(
    client: httpx.AsyncClient, admin: Login, user_id: str
) -> None:
    answer = await client.get(f"{URL}/{user_id}", headers=admin.headers)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "user_id")


async def test_an_unknown_user_is_not_found(client: httpx.AsyncClient, admin: Login) -> None:
    for answer in (
        await client.get(f"{URL}/999", headers=admin.headers),
        await client.patch(f"{URL}/999", json={"role": "admin"}, headers=admin.headers),
        await client.patch(f"{URL}/999", json={"password": "a long passphrase"}, headers=admin.headers),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")

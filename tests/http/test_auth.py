"""Token logins over HTTP: who gets in, for how long, and what ends it."""

import asyncio
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from passlib.hash import argon2
from tests.support.servers import PASSWORD, Login, client_of, log_in, running

from salesml.core import login_attempts
from salesml.core.errors import NotAuthenticated
from salesml.core.sessions import digest_of
from salesml.core.users import UserRole
from salesml.http import identities
from salesml.http.state import HttpState
from salesml.services import auth, users
from salesml.services.passwords import verify_password
from salesml.services.ports.unit_of_work import UnitOfWork
from salesml.wiring import App

EMAIL = "analyst@shop.example"
WRONG = "a wrong password"


async def ask(client: httpx.AsyncClient, password: str = PASSWORD, email: str = EMAIL) -> httpx.Response:
    return await client.post("/api/v1/auth/token", data={"username": email, "password": password})


async def refresh(client: httpx.AsyncClient, token: str) -> httpx.Response:
    return await client.post("/api/v1/auth/refresh", json={"refresh_token": token})


async def me(client: httpx.AsyncClient, token: str | None) -> httpx.Response:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    return await client.get("/api/v1/auth/me", headers=headers)


async def tokens(client: httpx.AsyncClient) -> dict[str, Any]:
    answer = await ask(client)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def actions(app: App) -> list[tuple[str, str]]:
    """What the audit trail tells, the oldest first."""
    events = app.tx.read(lambda uow: uow.audit.latest())
    return [(event.action, event.subject) for event in reversed(events)]


async def test_the_right_password_gives_a_token_that_tells_who_one_is(
    client: httpx.AsyncClient, app: App, analyst: Login
) -> None:
    answer = await ask(client, email=" Analyst@Shop.example ")
    assert answer.status_code == 200
    given = answer.json()
    assert (given["token_type"], given["expires_in"]) == ("bearer", 600)
    assert (await me(client, given["access_token"])).json() == {
        "id": str(analyst.user.id),
        "email": EMAIL,
        "role": "analyst",
        "language": None,
    }
    assert actions(app) == [("login.succeeded", EMAIL)]


async def test_the_form_of_the_oauth2_password_flow_is_taken_as_swagger_sends_it(
    client: httpx.AsyncClient, analyst: Login
) -> None:
    form = {"grant_type": "password", "username": EMAIL, "password": PASSWORD, "scope": "", "client_id": ""}
    answer = await client.post("/api/v1/auth/token", data=form, headers={"Authorization": "Basic Og=="})
    assert answer.status_code == 200


async def test_unknown_user_wrong_password_and_disabled_user_get_the_same_answer(
    client: httpx.AsyncClient, app: App, analyst: Login
) -> None:
    off = log_in(app, UserRole.ANALYST, "off@shop.example").user
    app.tx.run(lambda uow: uow.users.set_active(off.id, False))
    answers = [
        await ask(client, WRONG),
        await ask(client, email="nobody@shop.example"),
        await ask(client, email="no address"),
        await ask(client, email=off.email),
        await ask(client, "x" * 2000),
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.text for answer in answers}) == 1
    assert answers[0].json()["code"] == "login_refused"
    assert answers[0].headers["www-authenticate"] == "Bearer"


async def test_a_login_that_fails_is_audited_without_what_was_typed(
    client: httpx.AsyncClient, app: App, analyst: Login
) -> None:
    await ask(client, WRONG)
    await ask(client, email=WRONG)
    assert actions(app) == [("login.failed", EMAIL), ("login.failed", "unknown")]
    assert WRONG not in str(app.tx.read(lambda uow: uow.audit.latest()))


async def test_an_unknown_user_costs_a_hash_like_a_known_one(
    client: httpx.AsyncClient, analyst: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []

    def verify(password: str, stored: str) -> bool:
        hashed.append(stored)
        return verify_password(password, stored)

    monkeypatch.setattr("salesml.http.passwords.verify_password", verify)
    await ask(client, WRONG)
    await ask(client, email="nobody@shop.example")
    assert len(hashed) == 2
    assert all(one.startswith("$argon2id$") for one in hashed)


@pytest.mark.real_hashes
async def test_hashing_leaves_the_event_loop_free(client: httpx.AsyncClient, analyst: Login) -> None:
    logins = [asyncio.create_task(ask(client)) for _ in range(3)]
    ticks = 0
    while not all(login.done() for login in logins):
        await asyncio.sleep(0.005)
        ticks += 1
    assert [login.result().status_code for login in logins] == [200] * 3
    assert ticks >= 10


async def test_too_many_logins_at_once_are_told_to_come_back(
    server: FastAPI, client: httpx.AsyncClient, analyst: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("salesml.http.passwords.MOST_WAITING", 0)
    answer = await ask(client)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "5")


async def test_an_old_hash_is_made_anew_at_the_next_login(
    client: httpx.AsyncClient, app: App, analyst: Login
) -> None:
    def stored(uow: UnitOfWork) -> str:
        return uow.users.password_hash(analyst.user.id)

    old = argon2.using(type="ID", memory_cost=512, rounds=1, parallelism=1).hash(PASSWORD)
    app.tx.run(lambda uow: uow.users.renew_password_hash(analyst.user.id, old))
    assert (await ask(client)).status_code == 200
    assert app.tx.read(stored) != old
    assert (await ask(client)).status_code == 200


@pytest.mark.parametrize(
    "text", ["\x00", "a\x00@b.example", "\u202ea@b.example", "a@b.example\x7f", "😀" * 60]
)
async def test_what_no_database_stores_is_refused_like_any_wrong_login(
    client: httpx.AsyncClient, analyst: Login, text: str
) -> None:
    assert (await ask(client, email=text)).status_code == 401
    assert (await ask(client, password=text)).status_code == 401


# Throttling


async def test_after_five_failures_an_account_waits_at_that_address_and_not_at_another(
    app: App, client: httpx.AsyncClient, analyst: Login
) -> None:
    for _ in range(login_attempts.PER_ACCOUNT_AND_ADDRESS.attempts):
        assert (await ask(client, WRONG)).status_code == 401
    refused = await ask(client)
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_attempts")
    assert 0 < int(refused.headers["retry-after"]) <= 300
    async with running(app) as restarted, client_of(restarted) as again:
        assert (await ask(again)).status_code == 429
        elsewhere = httpx.ASGITransport(restarted, client=("192.0.2.7", 1))
        async with httpx.AsyncClient(transport=elsewhere, base_url="http://127.0.0.1") as other:
            assert (await ask(other)).status_code == 200


async def test_unknown_accounts_wait_just_as_long(client: httpx.AsyncClient) -> None:
    answers = [await ask(client, email="nobody@shop.example") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]


async def test_many_attempts_at_once_are_no_way_around_the_limit(
    client: httpx.AsyncClient, analyst: Login
) -> None:
    answers = await asyncio.gather(*(ask(client, WRONG) for _ in range(9)))
    assert sorted(answer.status_code for answer in answers) == [401] * 5 + [429] * 4


async def test_a_login_that_succeeds_forgets_the_failures_before_it(
    client: httpx.AsyncClient, analyst: Login
) -> None:
    for _ in range(2):
        for _ in range(4):
            assert (await ask(client, WRONG)).status_code == 401
        assert (await ask(client)).status_code == 200


# Refresh tokens


async def test_a_refresh_token_gives_the_next_pair_once(client: httpx.AsyncClient, analyst: Login) -> None:
    first = await tokens(client)
    second = (await refresh(client, first["refresh_token"])).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert (await me(client, second["access_token"])).status_code == 200
    third = await refresh(client, second["refresh_token"])
    assert third.status_code == 200


async def test_using_a_refresh_token_twice_ends_its_family_and_no_other(
    client: httpx.AsyncClient, app: App, analyst: Login
) -> None:
    stolen, other = await tokens(client), await tokens(client)
    fresh = (await refresh(client, stolen["refresh_token"])).json()
    again = await refresh(client, stolen["refresh_token"])
    assert (again.status_code, again.json()["code"]) == (401, "not_authenticated")
    assert (await refresh(client, fresh["refresh_token"])).status_code == 401
    assert (await me(client, fresh["access_token"])).status_code == 401
    assert (await refresh(client, other["refresh_token"])).status_code == 200
    assert ("token.reused", EMAIL) in actions(app)


async def test_of_two_uses_at_the_same_moment_one_at_most_succeeds(
    client: httpx.AsyncClient, analyst: Login
) -> None:
    token = (await tokens(client))["refresh_token"]
    answers = await asyncio.gather(*(refresh(client, token) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401]


@pytest.mark.parametrize("token", ["", "unknown", "x" * 200])
async def test_an_unknown_refresh_token_is_refused(client: httpx.AsyncClient, token: str) -> None:
    assert (await refresh(client, token)).status_code == 401


async def test_an_access_token_is_no_refresh_token_and_the_other_way_round(
    client: httpx.AsyncClient, analyst: Login
) -> None:
    given = await tokens(client)
    assert (await refresh(client, given["access_token"])).status_code in (401, 422)
    assert (await me(client, given["refresh_token"])).status_code == 401


async def test_a_family_ends_thirty_days_after_its_login_however_often_it_is_refreshed(
    app: App, analyst: Login
) -> None:
    begun = datetime.now(UTC)
    issued = app.tx.run(auth.open_family, analyst.user.id, begun)
    late = app.tx.run(auth.refresh, issued.refresh_token, begun + timedelta(days=29))
    assert late is not None
    with pytest.raises(NotAuthenticated):
        app.tx.run(auth.refresh, late.refresh_token, begun + timedelta(days=30))


async def test_only_digests_of_refresh_tokens_are_stored(
    client: httpx.AsyncClient, app: App, analyst: Login
) -> None:
    token = (await tokens(client))["refresh_token"]
    found = app.tx.read(lambda uow: uow.refresh_tokens.find(digest_of(token)))
    assert found is not None
    assert token not in repr(found)


# What ends a login


async def test_after_logout_access_and_refresh_token_are_dead_and_other_logins_live(
    client: httpx.AsyncClient, analyst: Login
) -> None:
    given = await tokens(client)
    bearer = {"Authorization": f"Bearer {given['access_token']}"}
    assert (await me(client, given["access_token"])).status_code == 200
    assert (await client.post("/api/v1/auth/logout", headers=bearer)).status_code == 204
    assert (await me(client, given["access_token"])).status_code == 401
    assert (await refresh(client, given["refresh_token"])).status_code == 401
    assert (await client.get("/api/v1/auth/me", headers=analyst.headers)).status_code == 200


async def test_another_process_knows_of_a_logout_within_five_seconds(
    app: App, client: httpx.AsyncClient, analyst: Login
) -> None:
    async with running(app) as second, client_of(second) as elsewhere:
        given = await tokens(client)
        assert (await me(elsewhere, given["access_token"])).status_code == 200
        bearer = {"Authorization": f"Bearer {given['access_token']}"}
        await client.post("/api/v1/auth/logout", headers=bearer)
        state: HttpState = second.state.salesml
        later = monotonic() + identities.KEPT_S
        state.identities._clock = lambda: later
        assert (await me(elsewhere, given["access_token"])).status_code == 401


async def test_users_are_read_from_the_database_at_most_every_five_seconds(
    server: FastAPI, client: httpx.AsyncClient, analyst: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads = 0
    original = auth.identity

    def counted(*args: Any) -> auth.Identity | None:
        nonlocal reads
        reads += 1
        return original(*args)

    monkeypatch.setattr(auth, "identity", counted)
    server.state.salesml.identities._clock = lambda: 0.0
    for _ in range(3):
        await client.get("/api/v1/auth/me", headers=analyst.headers)
    assert reads == 1
    server.state.salesml.identities._clock = lambda: identities.KEPT_S
    await client.get("/api/v1/auth/me", headers=analyst.headers)
    assert reads == 2


async def test_what_was_read_before_a_logout_is_not_kept_after_it(
    server: FastAPI, app: App, analyst: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = server.state.salesml.identities
    read, go_on = asyncio.Event(), asyncio.Event()

    async def slow(*args: Any) -> auth.Identity | None:
        found: auth.Identity | None = app.tx.read(*args)
        read.set()
        await go_on.wait()
        return found

    monkeypatch.setattr(known._tx, "read", slow)
    asking = asyncio.create_task(known.get(analyst.user.id))
    await read.wait()
    app.tx.run(lambda uow: uow.users.set_active(analyst.user.id, False))
    known.forget(analyst.user.id)
    go_on.set()
    assert await asking is not None
    assert await known.get(analyst.user.id) is None


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Bearer x", "Basic YTpi", "bearer a.b.c", "Bearer \xff"]
)
async def test_without_a_good_token_nobody_is_known(client: httpx.AsyncClient, header: str | None) -> None:
    headers = [] if header is None else [(b"Authorization", header.encode("latin-1"))]
    answer = await client.get("/api/v1/auth/me", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")


async def test_a_disabled_user_is_out_at_once(
    client: httpx.AsyncClient, admin: Login, analyst: Login
) -> None:
    given = await tokens(client)
    path = f"/api/v1/users/{analyst.user.id}"
    assert (await me(client, given["access_token"])).status_code == 200
    assert (await client.patch(path, json={"is_active": False}, headers=admin.headers)).status_code == 200
    assert (await me(client, given["access_token"])).status_code == 401
    await client.patch(path, json={"is_active": True}, headers=admin.headers)
    assert (await me(client, given["access_token"])).status_code == 401
    assert (await refresh(client, given["refresh_token"])).status_code == 401
    assert (await ask(client)).status_code == 200


async def test_a_token_of_an_earlier_revision_is_dead_though_its_family_lives(
    app: App, client: httpx.AsyncClient, analyst: Login
) -> None:
    app.tx.run(lambda uow: uow.users.set_role(analyst.user.id, UserRole.ADMIN))
    assert (await client.get("/api/v1/auth/me", headers=analyst.headers)).status_code == 401


async def test_a_disabled_user_is_out_when_the_command_line_did_it(app: App, analyst: Login) -> None:
    app.tx.run(users.disable_user, email=EMAIL, actor="cli:root", now=datetime.now(UTC))
    async with running(app) as started, client_of(started) as client:
        assert (await client.get("/api/v1/auth/me", headers=analyst.headers)).status_code == 401

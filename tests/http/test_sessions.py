"""Sessions of browsers: how they begin, how long they last, what ends them."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from fastapi import FastAPI, Request, Response
from tests.support.servers import Login

from salesml.core.sessions import ABSOLUTE, IDLE, digest_of
from salesml.core.users import User
from salesml.http import sessions
from salesml.services import auth
from salesml.services.ports.unit_of_work import UnitOfWork
from salesml.services.users import UserChange, change_user
from salesml.wiring import App

BEGUN = datetime(2026, 1, 31, 12, 30, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture
async def browser(server: FastAPI, analyst: Login) -> AsyncIterator[httpx.AsyncClient]:
    """Keeps cookies, and speaks to three small pages beside the server's own."""

    @server.post("/test/begin")
    async def begin(request: Request, response: Response) -> None:
        await sessions.begin(request, response, analyst.user)

    @server.post("/test/end")
    async def end(request: Request, response: Response) -> None:
        await sessions.end(request, response)

    @server.get("/test/who")
    async def who(request: Request) -> str | None:
        user = await sessions.current_user(request)
        return user.email if user else None

    async with _browser(server, "http://127.0.0.1:8000") as speaking:
        yield speaking


def _browser(server: FastAPI, base_url: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(server), base_url=base_url)


async def who(browser: httpx.AsyncClient) -> object:
    return (await browser.get("/test/who")).json()


async def test_a_browser_is_known_from_login_to_logout(browser: httpx.AsyncClient, analyst: Login) -> None:
    assert await who(browser) is None
    await browser.post("/test/begin")
    assert await who(browser) == analyst.user.email
    await browser.post("/test/end")
    assert not browser.cookies
    assert await who(browser) is None


async def test_after_logout_the_old_cookie_opens_nothing(browser: httpx.AsyncClient) -> None:
    await browser.post("/test/begin")
    kept = browser.cookies[sessions.NAME]
    await browser.post("/test/end")
    browser.cookies.set(sessions.NAME, kept)
    assert await who(browser) is None


async def test_a_login_gives_a_new_id_and_ends_the_session_before_it(browser: httpx.AsyncClient) -> None:
    browser.cookies.set(sessions.NAME, "planted", domain="127.0.0.1")
    await browser.post("/test/begin")
    first = browser.cookies[sessions.NAME]
    assert first != "planted"
    await browser.post("/test/begin")
    assert browser.cookies[sessions.NAME] != first
    browser.cookies.set(sessions.NAME, first, domain="127.0.0.1")
    assert await who(browser) is None


@pytest.mark.parametrize(
    ("base_url", "begins"),
    [
        ("http://127.0.0.1:8000", "salesml_session="),
        ("http://localhost", "salesml_session="),
        ("http://[::1]:8000", "salesml_session="),
        ("https://127.0.0.1", "__Host-salesml_session="),
        ("https://shop.example", "__Host-salesml_session="),
        ("http://shop.example", "__Host-salesml_session="),
        ("http://127.0.0.1.evil.example", "__Host-salesml_session="),
    ],
)
async def test_the_cookie_is_out_of_reach_of_scripts_and_secure_beyond_the_own_machine(
    server: FastAPI, browser: httpx.AsyncClient, base_url: str, begins: str
) -> None:
    async with _browser(server, base_url) as there:
        cookie = (await there.post("/test/begin")).headers["set-cookie"]
        ended = (await there.post("/test/end")).headers["set-cookie"]
    assert cookie.startswith(begins)
    parts = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert {"httponly", "samesite=lax", "path=/", "max-age=2592000"} <= parts
    assert ("secure" in parts) is begins.startswith("__Host-")
    assert not [part for part in parts if part.startswith("domain")]
    assert ended.startswith(f'{begins}""')
    assert "max-age=0" in ended.lower()


async def test_a_cookie_is_not_taken_for_a_token_nor_the_other_way_round(
    browser: httpx.AsyncClient, analyst: Login
) -> None:
    await browser.post("/test/begin")
    secret = browser.cookies[sessions.NAME]
    assert (await browser.get("/api/v1/auth/me")).status_code == 401
    bearer = {"Authorization": f"Bearer {secret}"}
    assert (await browser.get("/api/v1/auth/me", headers=bearer)).status_code == 401
    browser.cookies.clear()
    token = analyst.headers["Authorization"].removeprefix("Bearer ")
    browser.cookies.set(sessions.NAME, token, domain="127.0.0.1")
    assert await who(browser) is None


def open_session(app: App, user: User, now: datetime = BEGUN) -> str:
    return app.tx.run(auth.open_session, user.id, now)


def finds(app: App, secret: str, now: datetime) -> bool:
    return app.tx.read(auth.find_session, secret, now) is not None


def test_a_session_that_rests_for_seven_days_is_over(app: App, analyst: Login) -> None:
    secret = open_session(app, analyst.user)
    assert finds(app, secret, BEGUN + IDLE - SECOND)
    assert not finds(app, secret, BEGUN + IDLE)


def test_use_keeps_a_session_alive_for_thirty_days_and_no_longer(app: App, analyst: Login) -> None:
    secret, now = open_session(app, analyst.user), BEGUN
    while now < BEGUN + ABSOLUTE - timedelta(days=6):
        now += timedelta(days=6)
        found = app.tx.read(auth.find_session, secret, now)
        assert found is not None
        assert auth.needs_touch(found[0], now)
        app.tx.run(auth.touch_session, found[0], now)
    assert finds(app, secret, BEGUN + ABSOLUTE - SECOND)
    assert not finds(app, secret, BEGUN + ABSOLUTE)


def test_use_is_noted_once_a_minute(app: App, analyst: Login) -> None:
    found = app.tx.read(auth.find_session, open_session(app, analyst.user), BEGUN)
    assert found is not None
    assert not auth.needs_touch(found[0], BEGUN + timedelta(seconds=59))
    assert auth.needs_touch(found[0], BEGUN + timedelta(seconds=60))


@pytest.mark.parametrize("change", [UserChange(is_active=False), UserChange(password_hash="new")])
def test_what_changes_a_user_ends_their_sessions(app: App, analyst: Login, change: UserChange) -> None:
    now = datetime.now(UTC)
    secret = open_session(app, analyst.user, now)
    app.tx.run(change_user, analyst.user.id, change, actor="cli:root", now=now)
    assert not finds(app, secret, now)


def test_a_user_who_is_shut_out_otherwise_has_no_session_either(app: App, analyst: Login) -> None:
    secret = open_session(app, analyst.user)
    app.tx.run(lambda uow: uow.users.set_active(analyst.user.id, False))
    assert not finds(app, secret, BEGUN)


def test_only_a_digest_of_the_cookie_is_stored_and_old_rows_are_swept(app: App, analyst: Login) -> None:
    def digests(uow: UnitOfWork) -> list[bytes]:
        return [one.digest for one in uow.sessions.of_user(analyst.user.id)]

    first = open_session(app, analyst.user)
    assert app.tx.read(digests) == [digest_of(first)]
    second = open_session(app, analyst.user, BEGUN + IDLE + SECOND)
    assert app.tx.read(digests) == [digest_of(second)]


@pytest.mark.parametrize("secret", ["", "x", "x" * 10_000, "\x00", "ł"])
def test_what_is_no_session_opens_nothing(app: App, analyst: Login, secret: str) -> None:
    assert not finds(app, secret, BEGUN)

"""Pages as answers: who gets them, where they lead, what they carry, and what errors look like."""

import re
from collections.abc import Iterator

import httpx
import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from tests.support.servers import PASSWORD, Login, client_of

from salesml.core.login_attempts import PER_ACCOUNT_AND_ADDRESS
from salesml.services import installation
from salesml.web.pages import ROUTERS
from salesml.web.visits import administrator, guest, member

ANALYST = "analyst@shop.example"
ADMIN = "admin@shop.example"
GUESTS = {"GET /login", "POST /login", "POST /logout", "POST /language"}
HTML = "text/html; charset=utf-8"


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """What a page looks like does not depend on the engine."""
    return sqlite_url


async def sign_in(client: httpx.AsyncClient, email: str, wanted: str = "/account") -> httpx.Response:
    form = {"email": email, "password": PASSWORD, "next": wanted}
    return await client.post("/login", data=form)


def page_routes() -> list[APIRoute]:
    return [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]


def name_of(route: APIRoute) -> str:
    return f"{min(route.methods or {'ANY'})} {route.path}"


def asked_of(dependant: Dependant) -> Iterator[object]:
    """Everything that a handler depends on, however deep."""
    for dependency in dependant.dependencies:
        yield dependency.call
        yield from asked_of(dependency)


def test_every_page_asks_who_is_there() -> None:
    asking = {name_of(route): set(asked_of(route.dependant)) for route in page_routes()}
    assert {name for name, calls in asking.items() if guest not in calls} == set()
    assert {name for name, calls in asking.items() if member not in calls} == GUESTS


def test_administrators_alone_train_promote_and_manage_users() -> None:
    admin = {name_of(route) for route in page_routes() if administrator in asked_of(route.dependant)}
    guarded = [name for name in map(name_of, page_routes()) if "/users" in name]
    assert set(guarded) <= admin
    reading = [name for name in admin if name.startswith("GET /clients")]
    assert reading == ["GET /clients/{client_id}/erase"]


@pytest.mark.parametrize("path", ["/", "/users", "/account", "/clients?sort=name"])
async def test_nobody_is_led_to_the_login_page_and_back(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/login" + (
        "" if path == "/" else f"?next={path.replace('/', '%2F').replace('?', '%3F').replace('=', '%3D')}"
    )


async def test_a_part_of_a_page_that_needs_a_login_sends_the_whole_page_there(
    client: httpx.AsyncClient,
) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://127.0.0.1/clients?q=a"}
    answer = await client.get("/clients?q=b", headers=headers)
    assert answer.status_code == 204
    assert answer.headers["hx-redirect"] == "/login?next=%2Fclients%3Fq%3Da"


async def test_a_session_begins_with_a_cookie_that_scripts_and_other_sites_cannot_use(
    client: httpx.AsyncClient, analyst: Login
) -> None:
    answer = await sign_in(client, ANALYST)
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    [cookie] = answer.headers.get_list("set-cookie")
    assert re.match(r"salesml_session=[\w-]{43};", cookie)
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))


@pytest.mark.parametrize("wanted", ["//evil.example/a", "https://evil.example", "/\\evil.example"])
async def test_signing_in_never_leads_to_another_site(
    client: httpx.AsyncClient, analyst: Login, wanted: str
) -> None:
    assert (await sign_in(client, ANALYST, wanted)).headers["location"] == "/"
    assert (await client.get("/login", params={"next": wanted})).headers["location"] == "/"


async def test_a_new_login_ends_the_session_that_the_browser_had(
    client: httpx.AsyncClient, server: FastAPI, analyst: Login
) -> None:
    await sign_in(client, ANALYST)
    planted = client.cookies["salesml_session"]
    await sign_in(client, ANALYST)
    assert client.cookies["salesml_session"] != planted
    async with client_of(server) as other:
        other.cookies.set("salesml_session", planted)
        assert (await other.get("/account")).status_code == 303


async def test_too_many_attempts_are_said_with_the_time_to_wait(
    client: httpx.AsyncClient, analyst: Login
) -> None:
    form = {"email": ANALYST, "password": "wrong password"}
    for _ in range(PER_ACCOUNT_AND_ADDRESS.attempts):
        assert (await client.post("/login", data=form)).status_code == 401
    answer = await client.post("/login", data=form, headers={"Accept-Language": "en"})
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 300
    assert "Too many attempts. Try again in 5 minutes." in answer.text
    assert f'value="{ANALYST}"' in answer.text


async def test_a_form_sent_by_another_site_changes_nothing(
    client: httpx.AsyncClient, server: FastAPI, admin: Login
) -> None:
    await sign_in(client, ADMIN)
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        form = {"email": "eve@evil.example", "role": "admin"}
        assert (await client.post("/users", data=form, headers=headers)).status_code == 403
    assert "eve@evil.example" not in (await client.get("/users")).text


async def test_pages_of_users_are_stored_nowhere(client: httpx.AsyncClient, admin: Login) -> None:
    await sign_in(client, ADMIN)
    for path in ("/users", "/account", "/nothing"):
        answer = await client.get(path)
        assert answer.headers["cache-control"] == "no-store"
        assert "unsafe" not in answer.headers["content-security-policy"]


async def test_an_error_is_a_page_for_people_and_a_problem_for_programs(client: httpx.AsyncClient) -> None:
    page, problem = await client.get("/nothing"), await client.get("/api/v1/nothing")
    assert (page.status_code, page.headers["content-type"]) == (404, HTML)
    assert (problem.status_code, problem.headers["content-type"]) == (404, "application/problem+json")


async def test_an_address_that_makes_no_sense_is_a_page_too(client: httpx.AsyncClient, admin: Login) -> None:
    await sign_in(client, ADMIN)
    for path in ("/users/x/role", "/users/99999999999999999999999/role"):
        answer = await client.post(path, data={"role": "analyst"})
        assert (answer.status_code, answer.headers["content-type"]) in [(404, HTML), (422, HTML)]
    assert (await client.post("/users/4711/role", data={"role": "analyst"})).status_code == 404
    assert (await client.delete("/users")).status_code == 405


async def test_an_unexpected_error_is_a_page_that_tells_nothing_of_it(
    server: FastAPI, admin: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object) -> None:
        raise RuntimeError("the secret of the database")

    transport = httpx.ASGITransport(server, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        await sign_in(client, ADMIN)
        monkeypatch.setattr(installation, "current", fail)
        answer = await client.get("/users")
    assert (answer.status_code, answer.headers["content-type"]) == (500, HTML)
    assert "secret of the database" not in answer.text
    assert "Coś poszło nie tak" in answer.text


async def test_text_of_users_is_shown_as_text(client: httpx.AsyncClient, admin: Login) -> None:
    await sign_in(client, ADMIN)
    evil = "<script>alert(1)</script>@x.example"
    for form in ({"email": evil, "role": "analyst"}, {"email": '"><img src=x onerror=a()>', "role": "admin"}):
        answer = await client.post("/users", data=form)
        assert "<script>alert" not in answer.text
        assert "<img src=x" not in answer.text


async def test_the_last_administrator_stays_one(
    client: httpx.AsyncClient, server: FastAPI, admin: Login
) -> None:
    await sign_in(client, ADMIN)
    for path, form in (("role", {"role": "analyst"}), ("access", {"allowed": "false"})):
        answer = await client.post(f"/users/{admin.user.id}/{path}", data=form)
        assert answer.status_code == 409
        assert "To ostatni administrator" in answer.text
    assert (await client.get("/users")).status_code == 200


async def test_a_form_that_failed_offers_the_way_back_to_its_page(
    client: httpx.AsyncClient, admin: Login
) -> None:
    await sign_in(client, ADMIN)
    referer = {"Referer": "http://127.0.0.1/users?x=1"}
    path = f"/users/{admin.user.id}/role"
    answer = await client.post(path, data={"role": "analyst"}, headers=referer)
    assert 'name="next" value="/users?x=1"' in answer.text


async def test_a_flash_is_shown_once_and_only_if_it_is_ours(client: httpx.AsyncClient, admin: Login) -> None:
    await sign_in(client, ADMIN)
    await client.post("/account/sessions")
    assert "Wylogowano wszystkie pozostałe" in (await client.get("/account")).text
    assert "Wylogowano wszystkie pozostałe" not in (await client.get("/account")).text
    for forged in ("", "x", "WyJubyIsIHt9XQ==", "WyJ1c2VyX2Rpc2FibGVkIiwge31d", "/wAA"):
        client.cookies.set("salesml-flash", forged)
        assert (await client.get("/account")).status_code == 200


async def test_pages_travel_compressed_and_answers_of_the_api_do_not(
    client: httpx.AsyncClient, admin: Login
) -> None:
    await sign_in(client, ADMIN)
    assert (await client.get("/users")).headers["content-encoding"] == "gzip"
    assert "content-encoding" not in (await client.get("/api/v1/users", headers=admin.headers)).headers


async def test_signing_in_over_plain_http_from_elsewhere_is_warned_of(server: FastAPI) -> None:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(server), base_url="http://shop.example"
    ) as client:
        assert "nieszyfrowanym" in (await client.get("/login")).text
    async with client_of(server) as client:
        assert "nieszyfrowanym" not in (await client.get("/login")).text

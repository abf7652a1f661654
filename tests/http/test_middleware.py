"""What surrounds every answer: headers, the check of where a request comes from, one line in the log."""

import io
import json
import logging
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from urllib.parse import quote

import httpx
import pytest
import structlog
from asgi_correlation_id import CorrelationIdMiddleware
from fastapi import FastAPI
from structlog.testing import capture_logs
from tests.support.servers import PASSWORD, Login, client_of, running

from salesml.core.errors import SettingsInvalid
from salesml.http.logs import configure_logs
from salesml.http.middleware import (
    CONTENT_SECURITY_POLICY,
    AllowedHosts,
    RequestLog,
    SameOriginOnly,
    SecurityHeaders,
)
from salesml.settings import load_settings
from salesml.wiring import App

SECRET = "hunter2-and-more"
LOGGED = {"event", "level", "timestamp", "request_id", "method", "route", "status", "ms", "user"}


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Nothing in here depends on the engine."""
    return sqlite_url


@pytest.fixture
def small() -> FastAPI:
    """A server with the same surroundings and no database."""
    server = FastAPI()

    @server.api_route("/items/{name}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    async def item(name: str) -> str:
        if name == "broken":
            raise RuntimeError(SECRET)
        return "done"

    for middleware in (SameOriginOnly, RequestLog, SecurityHeaders, CorrelationIdMiddleware):
        server.add_middleware(middleware)
    return server


@pytest.fixture
async def small_client(small: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(small) as speaking:
        yield speaking


@pytest.fixture
def log_lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.BytesIO]:
    """What the process writes to stderr once its logs are configured."""
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(written, write_through=True))
    monkeypatch.setattr(logging.getLogger("httpx"), "disabled", True)  # the client's own
    root = logging.getLogger()
    before = root.level, root.handlers[:]
    configure_logs("info")
    structlog.configure(cache_logger_on_first_use=False)  # of other tests' loggers nothing may stay behind
    yield written
    structlog.reset_defaults()
    root.setLevel(before[0])
    root.handlers[:] = before[1]


# Headers


def test_the_policy_is_exact_and_allows_nothing_unsafe() -> None:
    assert CONTENT_SECURITY_POLICY == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


@pytest.mark.parametrize(
    "path", ["/healthz", "/docs", "/openapi.json", "/api/v1/auth/me", "/nowhere", "/api/v1/nowhere", "/login"]
)
async def test_every_answer_carries_the_protective_headers(client: httpx.AsyncClient, path: str) -> None:
    headers = (await client.get(path)).headers
    assert headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"
    assert headers["x-request-id"]
    assert "strict-transport-security" not in headers
    assert not [name for name in headers if name.startswith("access-control-")]


async def test_browsers_keep_to_https_where_they_came_by_it(small: FastAPI) -> None:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(small), base_url="https://shop.example"
    ) as tls:
        assert (await tls.get("/items/a")).headers["strict-transport-security"] == "max-age=31536000"


async def test_no_other_origin_is_allowed_to_read(client: httpx.AsyncClient) -> None:
    for verb in ("GET", "OPTIONS"):
        asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "GET"}
        answer = await client.request(verb, "/api/v1/auth/me", headers=asked)
        assert not [name for name in answer.headers if name.startswith("access-control-")]


# Where a request comes from


@pytest.mark.parametrize("verb", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://127.0.0.1"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:8001"},
        {"Origin": "http://127.0.0.1.evil.example"},
        {"Origin": "http://["},
    ],
)
async def test_what_another_site_makes_a_browser_send_is_refused(
    small_client: httpx.AsyncClient, verb: str, headers: dict[str, str]
) -> None:
    answer = await small_client.request(verb, "/items/a", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "cross_site")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "same-origin", "Origin": "http://127.0.0.1"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "http://127.0.0.1"},
    ],
)
async def test_own_pages_and_scripts_may_send(
    small_client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    assert (await small_client.post("/items/a", headers=headers)).status_code == 200


async def test_reading_is_not_refused_to_a_link_on_another_site(small_client: httpx.AsyncClient) -> None:
    answer = await small_client.get("/items/a", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 200


async def test_a_cross_site_login_is_refused(client: httpx.AsyncClient, analyst: Login) -> None:
    form = {"username": analyst.user.email, "password": PASSWORD}
    answer = await client.post("/api/v1/auth/token", data=form, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


# The log


async def test_a_request_is_one_line_of_json_by_its_route_and_not_by_its_path(
    small_client: httpx.AsyncClient, log_lines: io.BytesIO
) -> None:
    await small_client.get(f"/items/{SECRET}?email={SECRET}", headers={"Authorization": f"Bearer {SECRET}"})
    (line,) = log_lines.getvalue().splitlines()
    event = json.loads(line)
    assert event.keys() == LOGGED
    assert (event["method"], event["route"], event["status"]) == ("GET", "/items/{name}", 200)
    assert event["timestamp"].endswith("Z")
    assert SECRET.encode() not in line


async def test_the_line_says_who_asked_and_the_template_with_its_prefix(
    client: httpx.AsyncClient, analyst: Login
) -> None:
    with capture_logs() as logged:
        await client.get("/api/v1/auth/me", headers=analyst.headers)
        await client.patch("/api/v1/users/999", json={}, headers=analyst.headers)
    lines = [(one["route"], one["status"], one["user"]) for one in logged if one["event"] == "request"]
    assert lines == [
        ("/api/v1/auth/me", 200, analyst.user.id),
        ("/api/v1/users/{user_id}", 403, analyst.user.id),
    ]


async def test_no_line_can_be_forged(small_client: httpx.AsyncClient, log_lines: io.BytesIO) -> None:
    forged = 'a\r\n{"event": "forged"}'
    await small_client.get(f"/items/{quote(forged)}", headers={"X-Request-ID": "a b%0a{}", "User-Agent": "x"})
    structlog.get_logger().info("event\n{}", name=forged)
    logging.getLogger("library").warning("of a library: %s", forged)
    lines = log_lines.getvalue().splitlines()
    assert len(lines) == 3
    assert [json.loads(line)["event"] for line in lines] == [
        "request",
        "event\n{}",
        f"of a library: {forged}",
    ]


async def test_a_request_id_is_taken_over_if_it_is_one_and_given_otherwise(
    small_client: httpx.AsyncClient,
) -> None:
    own = "0123456789abcdef0123456789abcdef"
    for sent, kept in ((own, True), ("x", False), ("a" * 5000, False), ("<script>", False)):
        answer = await small_client.get("/items/a", headers={"X-Request-ID": sent})
        assert (answer.headers["x-request-id"] == sent) is kept


async def test_an_unexpected_error_is_logged_in_full_and_told_in_nothing(
    small_client: httpx.AsyncClient, log_lines: io.BytesIO
) -> None:
    answer = await small_client.get("/items/broken")
    assert (answer.status_code, answer.json()["code"]) == (500, "unexpected")
    assert answer.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert SECRET not in answer.text
    raised, request = (json.loads(line) for line in log_lines.getvalue().splitlines())
    assert SECRET in raised["exception"]
    assert request["status"] == 500
    assert raised["request_id"] == request["request_id"] == answer.headers["x-request-id"]


async def test_no_log_line_of_a_login_holds_its_password_or_tokens(
    client: httpx.AsyncClient, analyst: Login, log_lines: io.BytesIO
) -> None:
    form = {"username": analyst.user.email, "password": PASSWORD}
    given = (await client.post("/api/v1/auth/token", data=form)).json()
    await client.post("/api/v1/auth/refresh", json={"refresh_token": given["refresh_token"]})
    await client.post("/api/v1/auth/token", data=form | {"password": SECRET})
    written = log_lines.getvalue().decode()
    assert '"route":"/api/v1/auth/token"' in written
    for secret in (PASSWORD, SECRET, given["access_token"], given["refresh_token"], analyst.user.email):
        assert secret not in written


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("shop.example", 200),
        ("SHOP.example:8443", 200),
        ("a.b.team.example", 200),
        ("[::1]:8000", 200),
        ("team.example", 400),
        ("evilteam.example", 400),
        ("shop.example.evil", 400),
        ("127.0.0.1", 400),
        ("", 400),
    ],
)
async def test_only_the_names_that_are_allowed_are_answered_to(host: str, status: int) -> None:
    server = FastAPI()

    @server.get("/items")
    @server.get("/healthz")
    async def answered() -> str:
        return "done"

    server.add_middleware(AllowedHosts, names=["shop.example", "*.team.example", "[::1]"])
    server.add_middleware(SecurityHeaders)
    async with client_of(server) as client:
        answer = await client.get("/items", headers={"host": host})
        assert answer.status_code == status
        if status == 400:
            assert answer.json()["code"] == "host_not_allowed"
        assert "Content-Security-Policy" in answer.headers
        assert (await client.get("/healthz", headers={"host": host})).status_code == 200


async def test_the_setting_names_the_hosts_of_the_server(app: App) -> None:
    settings = app.settings.model_copy(update={"allowed_hosts": "shop.example, *.team.example"})
    async with running(replace(app, settings=settings)) as server, client_of(server) as client:
        for host, status in (("shop.example", 200), ("x.team.example", 200), ("other.example", 400)):
            assert (await client.get("/login", headers={"host": host})).status_code == status
    async with running(app) as server, client_of(server) as client:
        assert (await client.get("/login", headers={"host": "any.example"})).status_code == 200


@pytest.mark.parametrize("names", ["https://shop.example", "shop.example:8000", "*", "a.*.example"])
def test_what_is_no_host_name_is_no_setting(names: str) -> None:
    with pytest.raises(SettingsInvalid, match="SALESML_ALLOWED_HOSTS"):
        load_settings(allowed_hosts=names)

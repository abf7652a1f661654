"""Whether the process lives, whether it can work, and what it counts."""

from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest
from tests.support.servers import Login, client_of, running

from salesml.core.errors import DatabaseUnavailable
from salesml.db.engine import make_engine
from salesml.db.schema import downgrade
from salesml.settings import Settings
from salesml.wiring import App


def behind(app: App) -> None:
    engine = make_engine(app.settings.url)
    downgrade(engine, "0001")
    engine.dispose()


async def test_a_server_on_a_current_database_lives_and_is_ready(client: httpx.AsyncClient) -> None:
    assert (await client.get("/healthz")).json() == {"status": "ok"}
    assert (await client.get("/readyz")).json() == {"status": "ready"}


async def test_a_server_on_an_older_schema_lives_and_is_not_ready(
    client: httpx.AsyncClient, app: App
) -> None:
    behind(app)
    assert (await client.get("/healthz")).status_code == 200
    answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()["code"]) == (503, "not_migrated")
    assert "sql" not in answer.text


@pytest.fixture
async def cut_off(app: App) -> AsyncIterator[httpx.AsyncClient]:
    """A server whose database went away after it had started."""

    def fail() -> None:
        raise DatabaseUnavailable("postgresql://db.example: connection refused")

    async with running(replace(app, check_schema=fail)) as server, client_of(server) as speaking:
        yield speaking


async def test_a_server_without_its_database_lives_and_is_not_ready(cut_off: httpx.AsyncClient) -> None:
    assert (await cut_off.get("/healthz")).status_code == 200
    answer = await cut_off.get("/readyz")
    assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
    assert "db.example" not in answer.text


@pytest.fixture
async def counting(app: App) -> AsyncIterator[httpx.AsyncClient]:
    """Speaks to a server that has counted nothing yet."""
    async with running(app, new=True) as server, client_of(server) as client:
        yield client


async def test_requests_are_counted_by_route_template_and_status(
    counting: httpx.AsyncClient, admin: Login
) -> None:
    for _ in range(3):
        await counting.get("/api/v1/users/1", headers=admin.headers)
    await counting.get("/api/v1/users/1")
    await counting.get("/nowhere/anna@shop.example")
    await counting.request("BREW", "/healthz")
    figures = (await counting.get("/metrics")).text
    route = "/api/v1/users/{user_id}"
    assert f'duration_seconds_count{{method="GET",route="{route}",status="200"}} 3.0' in figures
    assert f'duration_seconds_count{{method="GET",route="{route}",status="401"}} 1.0' in figures
    assert 'method="other",route="/healthz",status="405"' in figures
    assert "process_resident_memory_bytes" in figures
    assert "anna" not in figures


async def test_two_servers_in_one_process_count_apart(app: App, client: httpx.AsyncClient) -> None:
    await client.get("/healthz")
    async with running(app, new=True) as second, client_of(second) as other:
        assert 'route="/healthz"' not in (await other.get("/metrics")).text


@pytest.mark.parametrize(
    ("change", "paths"),
    [
        ({"metrics_enabled": False}, ["/metrics"]),
        ({"docs_enabled": False}, ["/docs", "/openapi.json"]),
    ],
)
async def test_figures_and_documentation_can_be_switched_off(
    app: App, change: dict[str, bool], paths: list[str]
) -> None:
    settings: Settings = app.settings.model_copy(update=change)
    async with running(replace(app, settings=settings)) as server, client_of(server) as client:
        for path in paths:
            assert (await client.get(path)).status_code == 404

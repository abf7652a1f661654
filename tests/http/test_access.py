"""Every route of the OpenAPI document, asked by nobody, an analyst and an administrator."""

from typing import Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from tests.support.servers import Login

from salesml.api import app as api
from salesml.api.access import ACCESS, Access, name_of
from salesml.api.openapi import document, operations
from salesml.api.v1 import ROUTERS

GUARDED = {name: access for name, access in ACCESS.items() if access is not Access.PUBLIC}
REFUSALS = (401, 403)


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Who may do what does not depend on the engine."""
    return sqlite_url


def routes() -> list[APIRoute]:
    return [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]


def test_the_table_names_every_route_and_nothing_else() -> None:
    names = [name_of(route) for route in routes()]
    assert sorted(names) == sorted(ACCESS)


async def test_the_document_describes_every_route_and_no_other_is_served_under_its_prefix(
    server: FastAPI,
) -> None:
    described = {operation["operationId"] for _, _, operation in operations(document(server))}
    assert described == set(ACCESS)


def test_a_route_without_a_role_stops_the_server_from_starting(monkeypatch: pytest.MonkeyPatch) -> None:
    router = APIRouter()

    @router.get("/secret")
    async def secret() -> str:
        return "told"

    monkeypatch.setattr(api, "ROUTERS", (router,))
    with pytest.raises(LookupError, match=r"test_access\.secret is not in salesml\.api\.access\.ACCESS"):
        api.mount_api(FastAPI(), documented=False)


async def test_a_guarded_route_tells_nobody_anything_without_a_token(
    server: FastAPI, client: httpx.AsyncClient
) -> None:
    for path, verb, operation in operations(document(server)):
        if ACCESS[operation["operationId"]] is Access.PUBLIC:
            continue
        answer = await call(client, verb, path, {})
        assert answer.status_code == 401, (verb, path, answer.text)
        assert answer.json()["code"] == "not_authenticated"


@pytest.mark.parametrize("role", ["analyst", "admin"])
async def test_each_role_reaches_what_the_table_gives_it_and_nothing_more(
    server: FastAPI, client: httpx.AsyncClient, admin: Login, analyst: Login, role: str
) -> None:
    headers = {"analyst": analyst, "admin": admin}[role].headers
    for path, verb, operation in operations(document(server)):
        access = ACCESS[operation["operationId"]]
        if access is Access.PUBLIC or operation["operationId"] == "auth.logout":
            continue
        answer = await call(client, verb, path, headers)
        refused = access is Access.ADMIN and role == "analyst"
        assert (answer.status_code in REFUSALS) is refused, (verb, path, answer.status_code, answer.text)
        assert answer.status_code < 500, (verb, path, answer.text)


async def test_the_document_asks_for_a_token_where_the_table_does(server: FastAPI) -> None:
    described = document(server)
    for path, verb, operation in operations(described):
        is_guarded = operation["operationId"] in GUARDED
        assert bool(operation.get("security")) is is_guarded, (verb, path)
        assert ("401" in operation["responses"]) is is_guarded, (verb, path)


async def call(client: httpx.AsyncClient, verb: str, path: str, headers: dict[str, str]) -> httpx.Response:
    """With ids that do not exist, and a body that no route takes: it is the refusal that matters."""
    filled = path
    for name in ("kind", "target", "name"):
        filled = filled.replace(f"{{{name}}}", "sales")
    while "{" in filled:
        start, end = filled.index("{"), filled.index("}")
        filled = f"{filled[:start]}999999{filled[end + 1 :]}"
    body: dict[str, Any] = {} if verb in ("get", "delete") else {"json": {"no such field": 1}}
    return await client.request(verb.upper(), filled, headers=headers, **body)

"""Every answer that is no success is a problem document, and tells nothing that it should not."""

from collections.abc import AsyncIterator, Iterator
from datetime import date
from enum import Enum
from typing import Annotated

import httpx
import pytest
from fastapi import FastAPI, Query
from fastapi.exceptions import HTTPException
from pydantic import BaseModel, ConfigDict, Field
from structlog.testing import capture_logs
from tests.support.servers import PASSWORD, Login, client_of

from salesml.core import errors
from salesml.core.errors import SalesmlError
from salesml.http.documents import STATUS, problem_of
from salesml.http.middleware import RequestLog, SecurityHeaders
from salesml.http.problems import install_problems

SECRET = "hunter2-and-more"


def family(kind: type[SalesmlError] = SalesmlError) -> Iterator[type[SalesmlError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from family(child)


def ours() -> list[type[SalesmlError]]:
    return [kind for kind in family() if kind.__module__.startswith("salesml.")]


def test_every_error_of_ours_has_a_status() -> None:
    assert [kind.__name__ for kind in ours() if kind not in STATUS] == []


def test_no_two_errors_share_a_code() -> None:
    codes = [kind.code for kind in ours()]
    assert sorted(codes) == sorted(set(codes))


def test_an_error_of_the_server_tells_nothing_of_its_text() -> None:
    for kind, status in STATUS.items():
        if status >= 500:
            with capture_logs() as logged:
                found = problem_of(kind(f"postgresql://db: {SECRET}"))
            assert SECRET not in str(found.document)
            assert found.document["code"] == kind.code
            assert SECRET in str(logged)


def test_a_wrong_value_names_field_reason_and_row() -> None:
    found = problem_of(errors.InvalidValue("amount", "is not a number", row=3))
    assert found.document == {
        "type": "urn:salesml:problem:invalid_value",
        "title": "Unprocessable Entity",
        "status": 422,
        "code": "invalid_value",
        "detail": "row 3, amount: is not a number",
        "errors": [{"field": "amount", "code": "invalid_value", "reason": "is not a number", "row": 3}],
    }


class Colour(Enum):
    RED = "red"


class Item(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(max_length=3)
    day: date
    colour: Colour
    price: float = Field(allow_inf_nan=False)


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    """Routes that fail in different ways; no database."""
    server = FastAPI()

    @server.post("/items")
    async def take(item: Item, page: Annotated[int, Query(le=9)] = 1) -> int:
        return page

    @server.get("/unexpected")
    async def unexpected() -> None:
        raise RuntimeError(SECRET)

    @server.get("/ours")
    async def own() -> None:
        raise errors.NotFound("no such thing")

    @server.get("/teapot")
    async def teapot() -> None:
        raise HTTPException(418, SECRET)

    install_problems(server)
    server.add_middleware(RequestLog)
    server.add_middleware(SecurityHeaders)
    async with client_of(server) as speaking:
        yield speaking


GOOD = {"name": "abc", "day": "2026-01-31", "colour": "red", "price": 1}


@pytest.mark.parametrize(
    ("verb", "path", "status", "code"),
    [
        ("GET", "/ours", 404, "not_found"),
        ("GET", "/nowhere", 404, "not_found"),
        ("PUT", "/items", 405, "method_not_allowed"),
        ("TRACE", "/items", 405, "method_not_allowed"),
        ("GET", "/teapot", 418, "im_a_teapot"),
        ("GET", "/unexpected", 500, "unexpected"),
    ],
)
async def test_every_failure_is_a_problem_document(
    client: httpx.AsyncClient, verb: str, path: str, status: int, code: str
) -> None:
    answer = await client.request(verb, path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert SECRET not in answer.text


async def test_a_method_that_is_not_allowed_names_those_that_are(client: httpx.AsyncClient) -> None:
    assert (await client.put("/items")).headers["allow"] == "POST"


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"name": SECRET}, "name", "string_too_long"),
        ({"day": SECRET}, "day", "date_from_datetime_parsing"),
        ({"colour": SECRET}, "colour", "enum"),
        ({"price": SECRET}, "price", "float_parsing"),
        ({"name": {"deep": SECRET}}, "name", "string_type"),
    ],
)
async def test_a_refused_field_is_named_and_its_value_is_not(
    client: httpx.AsyncClient, changes: dict[str, object], field: str, code: str
) -> None:
    answer = await client.post("/items", json=GOOD | changes)
    assert answer.status_code == 422
    assert [(one["field"], one["code"]) for one in answer.json()["errors"]] == [(field, code)]
    assert SECRET not in answer.text


async def test_every_refused_field_is_named_at_once(client: httpx.AsyncClient) -> None:
    answer = await client.post(
        "/items?page=10", json={"name": "long name", "day": "2026-01-31", "price": "x"}
    )
    assert {one["field"] for one in answer.json()["errors"]} == {"page", "name", "colour", "price"}


@pytest.mark.parametrize(
    "body", ["", "{", "[", "nul", '{"name": "abc"', "\x00", '{"price": 1e999}', "[1]", '"x"']
)
async def test_a_body_that_is_no_json_object_is_refused(client: httpx.AsyncClient, body: str) -> None:
    answer = await client.post("/items", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_value")


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400"])
async def test_what_is_no_finite_number_is_refused(client: httpx.AsyncClient, number: str) -> None:
    body = f'{{"name": "abc", "day": "2026-01-31", "colour": "red", "price": {number}}}'
    answer = await client.post("/items", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", None])
async def test_a_body_of_another_kind_is_refused_as_such(client: httpx.AsyncClient, kind: str | None) -> None:
    headers = {} if kind is None else {"Content-Type": kind}
    answer = await client.post("/items", content=b'{"name": "abc"}', headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


async def test_a_422_does_not_echo_the_password(app_client: httpx.AsyncClient, admin: Login) -> None:
    bodies = [
        {"username": "a@b.example", "password": PASSWORD, "unknown": "1"},
        {"username": "x" * 300, "password": PASSWORD},
    ]
    for body in bodies:
        answer = await app_client.post("/api/v1/auth/token", data=body)
        assert answer.status_code == 422
        assert PASSWORD not in answer.text
    for user in ({"email": "a@b.example", "role": "king", "password": PASSWORD}, {"password": PASSWORD}):
        answer = await app_client.post("/api/v1/users", json=user, headers=admin.headers)
        assert answer.status_code == 422
        assert PASSWORD not in answer.text


@pytest.fixture
async def app_client(server: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(server) as speaking:
        yield speaking

"""The API's description: complete, with an example for every body, and shown by this server alone."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from tests.support.servers import Login

from salesml.api.openapi import document, operations


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """The description does not depend on the engine."""
    return sqlite_url


class Page(HTMLParser):
    """What a page loads, and what runs inside it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.inline: list[str] = []
        self._in_script = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        self._in_script = tag == "script"
        self.addresses += [value for name, value in attrs if name in ("src", "href") and value]
        self.inline += [name for name in names if name.startswith("on") or name == "style"]

    def handle_data(self, data: str) -> None:
        if self._in_script and data.strip():
            self.inline.append(data)

    def handle_endtag(self, _: str) -> None:
        self._in_script = False


async def test_the_page_loads_only_files_of_this_server_and_runs_nothing_inline(
    client: httpx.AsyncClient,
) -> None:
    page = Page((await client.get("/docs")).text)
    assert page.inline == []
    assert page.addresses
    for address in page.addresses:
        assert address.startswith("/static/")
        assert (await client.get(address)).status_code == 200, address


async def test_the_document_names_the_login_that_authorize_uses(
    client: httpx.AsyncClient, admin: Login
) -> None:
    described = (await client.get("/openapi.json")).json()
    (scheme,) = described["components"]["securitySchemes"].values()
    flow = scheme["flows"]["password"]
    assert scheme["type"] == "oauth2"
    assert flow["tokenUrl"] == "/api/v1/auth/token"
    assert flow["tokenUrl"] in described["paths"]
    assert flow["refreshUrl"] in described["paths"]


def bodies(described: dict[str, Any]) -> Iterator[tuple[str, str, str, str, dict[str, Any]]]:
    """Every JSON or form body: operation, path, verb, media type, and the body's description."""
    for path, verb, operation in operations(described):
        for kind, body in operation.get("requestBody", {}).get("content", {}).items():
            if kind != "multipart/form-data":
                yield operation["operationId"], path, verb, kind, body


def resolve(described: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = described["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def example_of(described: dict[str, Any], body: dict[str, Any]) -> object:
    """What Swagger UI would send: the body's own example, its schema's, or those of its properties."""
    if "example" in body:
        return body["example"]
    if examples := body.get("examples"):
        return next(iter(examples.values()))["value"]
    schema = resolve(described, body["schema"])
    if examples := schema.get("examples"):
        return examples[0]
    required = schema.get("required", schema.get("properties", {}))
    return {name: schema["properties"][name]["examples"][0] for name in required}


async def test_every_body_has_an_example_that_its_route_takes(
    server: FastAPI, client: httpx.AsyncClient, admin: Login
) -> None:
    described = document(server)
    for operation_id, path, verb, kind, body in bodies(described):
        try:
            example = example_of(described, body)
        except (KeyError, StopIteration) as missing:
            raise AssertionError(f"{operation_id} has no example: {missing}") from None
        sent: dict[str, Any] = {"data" if "form" in kind else "json": example}
        answer = await client.request(verb, filled(path), headers=admin.headers, **sent)
        assert answer.status_code not in (415, 422), (operation_id, example, answer.text)


def filled(path: str) -> str:
    """An address whose ids do not exist."""
    for name, value in (("{target}", "sales"), ("{name}", "nightly")):
        path = path.replace(name, value)
    return re.sub(r"\{\w+\}", "999999", path)


async def test_every_operation_says_what_it_does_and_under_which_noun(server: FastAPI) -> None:
    described = document(server)
    known = {tag["name"] for tag in described["tags"]}
    for _, _, operation in operations(described):
        assert operation["description"].endswith("."), operation["operationId"]
        assert set(operation["tags"]) <= known, operation["operationId"]


async def test_errors_are_described_as_problem_documents(server: FastAPI) -> None:
    described = document(server)
    assert "HTTPValidationError" not in str(described)
    for _, _, operation in operations(described):
        for status, response in operation["responses"].items():
            if int(status) >= 400:
                assert list(response["content"]) == ["application/problem+json"], operation["operationId"]

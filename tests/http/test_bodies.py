"""Bodies that are too large, and whose length was told or not."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from tests.support.servers import client_of

from salesml.http.body_limit import FORM_BYTES, MAX_BODY_BYTES, BodyLimit
from salesml.http.problems import install_problems

UPLOAD = 4 * 1024**2
CHUNK = b"x" * 100_000
FORM = {"Content-Type": "multipart/form-data; boundary=x"}
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def server() -> FastAPI:
    """Routes that read a body in different ways; no database."""
    made = FastAPI()

    @made.post("/json")
    async def take_json(body: dict[str, Any]) -> int:
        return len(body)

    @made.post("/raw")
    async def take_raw(request: Request) -> int:
        return len(await request.body())

    @made.post("/careless")
    async def take_carelessly(request: Request) -> str:
        try:
            await request.body()
        except Exception:
            return "fine"
        return "read"

    install_problems(made)
    made.add_middleware(BodyLimit, max_upload_bytes=UPLOAD)
    return made


@pytest.fixture
async def client(server: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(server) as speaking:
        yield speaking


class Body:
    """So many bytes in chunks, without a length; knows how much was asked for."""

    def __init__(self, size: int) -> None:
        self._size, self.given = size, 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while self.given < self._size:
            self.given += len(CHUNK)
            yield CHUNK


@pytest.mark.parametrize("path", ["/json", "/raw", "/careless"])
@pytest.mark.parametrize(("headers", "most"), [(JSON, MAX_BODY_BYTES), (FORM, UPLOAD + FORM_BYTES)])
async def test_a_body_over_the_limit_is_refused_without_being_read_whole(
    client: httpx.AsyncClient, path: str, headers: dict[str, str], most: int
) -> None:
    body = Body(10 * most)
    answer = await client.post(path, content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["connection"] == "close"
    assert body.given <= most + len(CHUNK)


async def test_a_length_over_the_limit_is_refused_before_the_first_byte(client: httpx.AsyncClient) -> None:
    body = Body(MAX_BODY_BYTES * 2)
    told = {**JSON, "Content-Length": str(MAX_BODY_BYTES * 2)}
    answer = await client.post("/json", content=body, headers=told)
    assert answer.status_code == 413
    assert body.given == 0


@pytest.mark.parametrize(("headers", "size"), [(JSON, MAX_BODY_BYTES), (FORM, UPLOAD)])
async def test_a_body_up_to_the_limit_is_read(
    client: httpx.AsyncClient, headers: dict[str, str], size: int
) -> None:
    answer = await client.post("/raw", content=b"x" * size, headers=headers)
    assert (answer.status_code, answer.json()) == (200, size)

"""Batches under an `Idempotency-Key`: sent again, they are answered again and done once."""

import asyncio
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from tests.support.servers import Login, log_in

from salesml.core.users import UserRole
from salesml.db.engine import make_engine, writing
from salesml.services import orders
from salesml.wiring import App

ORDER: dict[str, Any] = {
    "order_id": "1",
    "client_id": "0042",
    "ordered_at": "2026-01-31T18:05:00+01:00",
    "amount": 149.9,
}
DAY: dict[str, Any] = {"client_id": "0042", "day": "2026-01-31", "visits": 3}
BAD = ORDER | {"order_id": "2", "amount": None}


async def send(
    client: httpx.AsyncClient, login: Login, rows: object, key: str | None = "k1", path: str = "orders"
) -> httpx.Response:
    headers = login.headers | ({} if key is None else {"Idempotency-Key": key})
    return await client.post(f"/api/v1/{path}", json=rows, headers=headers)


def replayed(answer: httpx.Response) -> str | None:
    found: str | None = answer.headers.get("Idempotency-Replayed")
    return found


async def test_a_repeated_request_gets_the_first_answer_again(
    client: httpx.AsyncClient, analyst: Login, app: App
) -> None:
    for path, rows in (("orders", [ORDER, BAD]), ("activity", [DAY, DAY | {"visits": -1}])):
        first, again = [await send(client, analyst, rows, f"key of {path}", path) for _ in range(2)]
        assert (first.status_code, first.json()["accepted"], replayed(first)) == (200, 1, None)
        assert (again.status_code, again.json(), replayed(again)) == (200, first.json(), "true")
    without = await send(client, analyst, [ORDER], None)
    assert (without.json()["repeated"], replayed(without)) == (1, None)
    assert app.tx.read(orders.totals) == (1, 1, 14_990)


async def test_another_request_under_the_same_key_is_refused(
    client: httpx.AsyncClient, analyst: Login, app: App
) -> None:
    await send(client, analyst, [ORDER])
    other = await send(client, analyst, [ORDER | {"order_id": "2"}])
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    elsewhere = await send(client, analyst, [ORDER], path="orders?update=true")
    assert elsewhere.json()["code"] == "idempotency_key_reused"
    assert app.tx.read(orders.totals)[0] == 1


async def test_keys_of_two_users_are_two(client: httpx.AsyncClient, analyst: Login, app: App) -> None:
    other = log_in(app, UserRole.ANALYST, "other@shop.example")
    await send(client, analyst, [ORDER])
    answer = await send(client, other, [ORDER | {"order_id": "2"}])
    assert (answer.json()["accepted"], replayed(answer)) == (1, None)


async def test_a_refused_batch_may_be_sent_again_under_its_key(
    client: httpx.AsyncClient, analyst: Login
) -> None:
    assert (await send(client, analyst, [BAD])).json()["code"] == "batch_refused"
    mended = await send(client, analyst, [ORDER])
    assert (mended.status_code, replayed(mended)) == (200, None)


async def test_a_key_is_as_good_as_new_after_a_day(
    client: httpx.AsyncClient, analyst: Login, app: App
) -> None:
    def age(hours: float) -> None:
        engine, past = make_engine(app.settings.url), datetime.now(UTC) - timedelta(hours=hours)
        with writing(engine).begin() as connection:
            connection.execute(
                text("UPDATE idempotency_keys SET created_at = :at"), {"at": int(past.timestamp())}
            )
        engine.dispose()

    await send(client, analyst, [ORDER])
    age(23.9)
    assert replayed(await send(client, analyst, [ORDER])) == "true"
    age(24.1)
    answer = await send(client, analyst, [ORDER | {"order_id": "2"}])
    assert (answer.status_code, answer.json()["accepted"]) == (200, 1)


async def test_a_second_request_while_the_first_is_in_work_is_told_to_wait(
    client: httpx.AsyncClient, analyst: Login, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    entered, go_on, take = threading.Event(), threading.Event(), orders.take

    def slowly(*args: Any, **kwargs: Any) -> Any:
        entered.set()
        assert go_on.wait(10)
        return take(*args, **kwargs)

    monkeypatch.setattr(orders, "take", slowly)
    first = asyncio.create_task(send(client, analyst, [ORDER]))
    assert await asyncio.to_thread(entered.wait, 10)
    second = await send(client, analyst, [ORDER])
    assert (second.status_code, second.json()["code"]) == (409, "request_in_work")
    go_on.set()
    assert (await first).json()["accepted"] == 1
    assert replayed(await send(client, analyst, [ORDER])) == "true"
    assert app.tx.read(orders.totals)[0] == 1


async def test_a_key_has_printable_characters_and_an_end(client: httpx.AsyncClient, analyst: Login) -> None:
    for key in ("x" * 256, "caf\u00e9", ""):
        told = {**analyst.headers, "Idempotency-Key": key}
        raw = {name.encode(): value.encode("latin-1") for name, value in told.items()}
        answer = await client.post("/api/v1/orders", json=[ORDER], headers=raw)
        assert answer.status_code == 422, key
        assert answer.json()["errors"][0]["field"].lower() == "idempotency-key"

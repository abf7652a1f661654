"""Orders and activity sent over HTTP: good rows are kept, bad ones named, repeats harmless."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from tests.support.ledgers import begin, bring_activity, bring_orders, set_state, take_back
from tests.support.servers import Login

from salesml.core.activity import Coverage
from salesml.core.imports import ImportKind, ImportState
from salesml.db.tables import ErasedRow
from salesml.wiring import App

ORDER: dict[str, Any] = {
    "order_id": "1",
    "client_id": "0042",
    "ordered_at": "2026-01-31T18:05:00+01:00",
    "amount": 149.9,
    "currency": "PLN",
}
DAY: dict[str, Any] = {"client_id": "0042", "day": "2026-01-31", "visits": 3}


async def send(
    client: httpx.AsyncClient, login: Login, rows: object, path: str = "orders", **query: Any
) -> httpx.Response:
    return await client.post(f"/api/v1/{path}", json=rows, params=query, headers=login.headers)


async def of_client(
    client: httpx.AsyncClient, login: Login, what: str, external_id: str = "0042"
) -> list[dict[str, Any]]:
    found = await client.get("/api/v1/clients", params={"external_id": external_id}, headers=login.headers)
    items = found.json()["items"]
    if not items:
        return []
    path = f"/api/v1/clients/{items[0]['id']}/{what}"
    listed = (await client.get(path, headers=login.headers)).json()["items"]
    assert isinstance(listed, list)
    return listed


def taken(accepted: int = 0, repeated: int = 0, changed: int = 0) -> dict[str, object]:
    return {"accepted": accepted, "repeated": repeated, "changed": changed, "rejected": []}


async def test_an_order_is_stored_with_its_client(client: httpx.AsyncClient, analyst: Login) -> None:
    answer = await send(client, analyst, [ORDER])
    assert (answer.status_code, answer.json()) == (200, taken(accepted=1))
    assert await of_client(client, analyst, "orders") == [
        {
            "order_id": "1",
            "source": "default",
            "client_id": "0042",
            "ordered_at": "2026-01-31T17:05:00Z",
            "amount": 149.9,
            "currency": "PLN",
            "kind": "sale",
            "cancels": None,
            "original_amount": None,
            "original_currency": None,
        }
    ]
    summary = (await client.get("/api/v1/dashboard/summary", headers=analyst.headers)).json()
    assert summary["clients"] == 1


async def test_a_repeat_is_harmless_and_a_contradiction_needs_update(
    client: httpx.AsyncClient, analyst: Login
) -> None:
    await send(client, analyst, [ORDER])
    assert (await send(client, analyst, [ORDER, ORDER | {"source": "shop"}])).json() == taken(1, 1)
    other = ORDER | {"amount": "150.00"}
    refused = await send(client, analyst, [other, ORDER | {"amount": None}, ORDER | {"order_id": "2"}])
    assert (refused.status_code, refused.json()["accepted"]) == (200, 1)
    conflict, missing = refused.json()["rejected"]
    assert (conflict["row"], conflict["field"], conflict["code"]) == (1, "amount", "conflict")
    assert (missing["row"], missing["code"]) == (2, "missing")
    assert "?update=true" in conflict["reason"]
    assert (await send(client, analyst, [other], update=True)).json() == taken(changed=1)
    amounts = {one["order_id"]: one["amount"] for one in await of_client(client, analyst, "orders")}
    assert amounts == {"1": 150.0, "2": 149.9}


BAD_ORDERS: list[tuple[object, str, str]] = [
    (5, "", "not_an_object"),
    (ORDER | {"colour": "red"}, "colour", "unknown_field"),
    (ORDER | {"product": "hat"}, "product", "unknown_field"),
    (ORDER | {"order_id": None}, "order_id", "missing"),
    (ORDER | {"order_id": " "}, "order_id", "missing"),
    (ORDER | {"order_id": 7}, "order_id", "not_a_string"),
    (ORDER | {"order_id": "x" * 201}, "order_id", "too_long"),
    (ORDER | {"client_id": "a\0"}, "client_id", "not_text"),
    (ORDER | {"source": "x" * 201}, "source", "too_long"),
    (ORDER | {"amount": None}, "amount", "missing"),
    (ORDER | {"amount": float("nan")}, "amount", "not_a_number"),
    (ORDER | {"amount": "NaN"}, "amount", "not_a_number"),
    (ORDER | {"amount": True}, "amount", "not_a_number"),
    (ORDER | {"amount": "12,30"}, "amount", "not_a_number"),
    (ORDER | {"amount": 1e300}, "amount", "out_of_range"),
    (ORDER | {"amount": -5, "kind": "sale"}, "amount", "negative"),
    (ORDER | {"amount": 5, "kind": "refund"}, "amount", "positive"),
    (ORDER | {"kind": "gift"}, "kind", "unknown_kind"),
    (ORDER | {"order_id": "in euros", "currency": "EUR"}, "currency", "no_rate"),
    (ORDER | {"ordered_at": None}, "ordered_at", "missing"),
    (ORDER | {"ordered_at": "2999-01-01"}, "ordered_at", "future"),
    (ORDER | {"ordered_at": "1969-01-01"}, "ordered_at", "too_old"),
    (ORDER | {"ordered_at": "31.01.2026"}, "ordered_at", "not_a_date"),
    (ORDER | {"ordered_at": 20260131}, "ordered_at", "not_a_string"),
    ({}, "order_id", "missing"),
]


def body_of(rows: object) -> bytes:
    """As Python's own writer does it: a missing number is NaN."""
    return json.dumps(rows).encode()


async def test_in_a_batch_only_the_good_rows_are_kept_and_every_bad_one_is_named(
    client: httpx.AsyncClient, analyst: Login
) -> None:
    rows = [*(row for row, _, _ in BAD_ORDERS), ORDER, ORDER | {"amount": 1}]
    headers = analyst.headers | {"content-type": "application/json"}
    answer = await client.post("/api/v1/orders", content=body_of(rows), headers=headers)
    assert answer.status_code == 200
    named = [(one["row"], one["field"], one["code"]) for one in answer.json()["rejected"]]
    expected = [(row, field, code) for row, (_, field, code) in enumerate(BAD_ORDERS, 1)]
    assert named == [*expected, (len(rows), "order_id", "conflict")]
    assert answer.json()["accepted"] == 1
    assert len(await of_client(client, analyst, "orders")) == 1


async def test_a_row_without_a_rate_hides_no_good_row_of_the_same_order(
    client: httpx.AsyncClient, analyst: Login
) -> None:
    foreign = ORDER | {"currency": "EUR"}
    answer = await send(client, analyst, [foreign, foreign, ORDER, ORDER, ORDER | {"amount": 1}])
    assert [(one["row"], one["code"]) for one in answer.json()["rejected"]] == [
        (1, "no_rate"),
        (2, "no_rate"),
        (5, "conflict"),
    ]
    assert (answer.json()["accepted"], answer.json()["repeated"]) == (1, 1)
    stored = await of_client(client, analyst, "orders")
    assert [(one["amount"], one["currency"]) for one in stored] == [(149.9, "PLN")]


async def test_a_batch_without_a_good_row_is_refused_and_leaves_nothing(
    client: httpx.AsyncClient, analyst: Login, app: App
) -> None:
    answer = await send(client, analyst, [ORDER | {"amount": None}, ORDER | {"currency": "EUR"}])
    assert (answer.status_code, answer.json()["code"]) == (422, "batch_refused")
    assert [(one["row"], one["field"]) for one in answer.json()["errors"]] == [(1, "amount"), (2, "currency")]
    await send(client, analyst, [ORDER])
    conflict = await send(client, analyst, [ORDER | {"client_id": "new"}])
    assert (conflict.status_code, conflict.json()["errors"][0]["code"]) == (422, "conflict")
    assert app.tx.read(lambda uow: uow.clients.count()) == 1


BAD_BODIES = (b"", b"{", b"[1", b"\xff", b"{}", b'{"items": []}', b"5", b"[]", b"[" * 100_000, b"null")


async def test_a_body_that_is_no_list_of_records_is_refused(
    client: httpx.AsyncClient, analyst: Login
) -> None:
    headers = analyst.headers | {"content-type": "application/json"}
    for body in BAD_BODIES:
        for path in ("orders", "activity"):
            answer = await client.post(f"/api/v1/{path}", content=body, headers=headers)
            assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "body")


async def test_more_than_ten_thousand_records_are_refused_at_once(
    client: httpx.AsyncClient, analyst: Login, app: App
) -> None:
    answer = await send(client, analyst, [ORDER] * 10_001)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_value")
    assert app.tx.read(lambda uow: uow.orders.totals()) == (0, 0, 0)


async def test_a_day_gets_the_metrics_that_are_given(client: httpx.AsyncClient, analyst: Login) -> None:
    answer = await send(client, analyst, [DAY, DAY | {"day": "2026-01-29", "visits": 0}], "activity")
    assert (answer.status_code, answer.json()) == (200, taken(accepted=2))
    again = [DAY | {"visits": None, "ad_clicks": 2}, DAY | {"day": "2026-01-29", "visits": 0}]
    assert (await send(client, analyst, again, "activity")).json() == taken(repeated=1, changed=1)
    newest, oldest = await of_client(client, analyst, "activity")
    assert newest == {
        "client_id": "0042",
        "source": "default",
        "day": "2026-01-31",
        "visits": 3,
        "seconds_on_site": None,
        "ad_clicks": 2,
        "newsletter_opens": None,
    }
    assert (oldest["day"], oldest["visits"]) == ("2026-01-29", 0)


async def test_days_between_those_that_were_sent_count_as_known(
    client: httpx.AsyncClient, analyst: Login, app: App
) -> None:
    days = ("2026-01-10", "2026-01-20")
    await send(client, analyst, [DAY | {"day": day} for day in days], "activity")
    await send(client, analyst, [DAY | {"day": "2026-01-15", "ad_clicks": 1}], "activity")
    known = app.tx.read(lambda uow: uow.activity.coverage())
    first = 20_463  # 2026-01-10
    assert known == {
        "visits": Coverage(metric="visits", first_day=first, last_day=first + 10),
        "ad_clicks": Coverage(metric="ad_clicks", first_day=first + 5, last_day=first + 5),
    }


WRONG_DAYS: list[tuple[dict[str, object], str, str]] = [
    ({"visits": -1}, "visits", "negative"),
    ({"visits": 1.5}, "visits", "not_whole"),
    ({"visits": None}, "visits", "missing"),
    ({"visits": 10**10}, "visits", "out_of_range"),
    ({"visits": "many"}, "visits", "not_a_number"),
    ({"client_id": None}, "client_id", "missing"),
    ({"day": "2999-01-01"}, "day", "future"),
    ({"day": None}, "day", "missing"),
    ({"purchases": 1}, "purchases", "unknown_field"),
]


async def test_wrong_days_are_named(client: httpx.AsyncClient, analyst: Login) -> None:
    rows = [*(DAY | fields for fields, _, _ in WRONG_DAYS), DAY]
    answer = await send(client, analyst, rows, "activity")
    named = [(one["row"], one["field"], one["code"]) for one in answer.json()["rejected"]]
    assert named == [(row, field, code) for row, (_, field, code) in enumerate(WRONG_DAYS, 1)]
    assert answer.json()["accepted"] == 1


async def test_histories_come_page_by_page_the_newest_first(
    client: httpx.AsyncClient, analyst: Login
) -> None:
    start = datetime(2026, 1, 1, 12, tzinfo=UTC)
    when = [(start + timedelta(days=number // 2)).isoformat() for number in range(7)]
    await send(client, analyst, [ORDER | {"order_id": str(n), "ordered_at": at} for n, at in enumerate(when)])
    await send(client, analyst, [DAY | {"day": f"2026-01-0{number}"} for number in range(1, 8)], "activity")
    found = await client.get("/api/v1/clients", headers=analyst.headers)
    path = f"/api/v1/clients/{found.json()['items'][0]['id']}"
    for what, key in (("orders", "order_id"), ("activity", "day")):
        seen, cursor = [], None
        while True:
            query = {"limit": 3} | ({"cursor": cursor} if cursor else {})
            page = (await client.get(f"{path}/{what}", params=query, headers=analyst.headers)).json()
            seen += [one[key] for one in page["items"]]
            if (cursor := page["next_cursor"]) is None:
                break
        assert seen == sorted(seen, reverse=True)
        assert len(set(seen)) == 7
    mixed = await client.get(f"{path}/orders", params={"cursor": "AAAA"}, headers=analyst.headers)
    assert mixed.json()["code"] == "invalid_cursor"


async def test_what_came_live_is_visible_and_stays_when_the_import_that_brought_it_too_is_taken_back(
    client: httpx.AsyncClient, analyst: Login, app: App
) -> None:
    def bring(uow: Any) -> tuple[int, int]:
        orders, days = begin(uow), begin(uow, ImportKind.ACTIVITY)
        bring_orders(uow, orders, [("1", "0042", 100), ("2", "0042", 200), ("3", "other", 300)])
        bring_activity(uow, days, [("0042", 0, 5, 1), ("0042", 1, 5, 1)])
        return orders, days

    def close(uow: Any, state: ImportState) -> None:
        for import_id in imports:
            set_state(uow, import_id) if state is ImportState.PUBLISHED else take_back(uow, import_id)

    imports = app.tx.run(bring)
    order = ORDER | {"amount": 1, "ordered_at": "2024-10-04T01:00:00Z"}
    assert (await send(client, analyst, [order])).json() == taken(repeated=1)
    day = DAY | {"day": "2024-10-04", "visits": 5}
    assert (await send(client, analyst, [day], "activity")).json() == taken(repeated=1)
    assert [one["order_id"] for one in await of_client(client, analyst, "orders")] == ["1"]
    assert [one["day"] for one in await of_client(client, analyst, "activity")] == ["2024-10-04"]
    app.tx.run(close, ImportState.PUBLISHED)
    assert len(await of_client(client, analyst, "orders")) == 2
    app.tx.run(close, ImportState.FAILED)
    assert [one["order_id"] for one in await of_client(client, analyst, "orders")] == ["1"]
    assert [one["visits"] for one in await of_client(client, analyst, "activity")] == [5]
    assert await of_client(client, analyst, "orders", "other") == []


async def test_the_same_batch_sent_twice_at_one_time_counts_once(
    client: httpx.AsyncClient, analyst: Login, app: App
) -> None:
    rows = [ORDER | {"order_id": str(number), "client_id": str(number % 7)} for number in range(50)]
    answers = await asyncio.gather(*(send(client, analyst, rows) for _ in range(3)))
    assert sorted((each.json()["accepted"], each.json()["repeated"]) for each in answers) == [
        (0, 50),
        (0, 50),
        (50, 0),
    ]
    assert app.tx.read(lambda uow: uow.orders.totals()) == (50, 7, 50 * 14_990)
    summary = (await client.get("/api/v1/dashboard/summary", headers=analyst.headers)).json()
    assert summary["clients"] == 7


async def test_who_was_erased_does_not_come_back(client: httpx.AsyncClient, analyst: Login, app: App) -> None:
    def erase(uow: Any) -> None:
        digest = uow._session.info["erased_digest"]("default", "0042")
        uow._session.add(ErasedRow(digest=digest, erased_at=datetime.now(UTC)))

    app.tx.run(erase)
    other = ORDER | {"order_id": "2", "client_id": "7"}
    for rows, path in (([ORDER, other], "orders"), ([DAY, DAY | {"client_id": "7"}], "activity")):
        answer = (await send(client, analyst, rows, path)).json()
        (bad,) = answer["rejected"]
        assert (answer["accepted"], bad["row"], bad["field"], bad["code"]) == (1, 1, "client_id", "erased")
    body = {"external_id": "0042"}
    refused = await client.post("/api/v1/clients", json=body, headers=analyst.headers)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "external_id")
    assert app.tx.read(lambda uow: uow.clients.count()) == 1


async def test_the_sales_of_a_month_follow_orders_that_come_and_change(
    client: httpx.AsyncClient, analyst: Login
) -> None:
    async def months() -> dict[str, float]:
        trend = (await client.get("/api/v1/dashboard/sales-trend", headers=analyst.headers)).json()
        return {one["month"]: one["net_sales"] for one in trend["months"]}

    later = ORDER | {"order_id": "2", "ordered_at": "2026-02-01T12:00:00"}
    await send(client, analyst, [ORDER, later, ORDER | {"order_id": "3"}])
    assert await months() == {"2026-01": 299.8, "2026-02": 149.9}
    await send(client, analyst, [ORDER | {"ordered_at": "2026-02-02T12:00:00", "amount": 50}], update=True)
    assert await months() == {"2026-01": 149.9, "2026-02": 199.9}

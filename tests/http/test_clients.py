"""Clients over HTTP: lists, one, adding, changing, deleting, and what hangs on one."""

from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import make_url
from tests.support.servers import Login

from salesml.wiring import App

PATH = "/api/v1/clients"
ANNA = {"external_id": "0042", "first_name": "Anna", "last_name": "Żak", "email": "Anna@X.pl"}


async def add(client: httpx.AsyncClient, login: Login, **fields: object) -> httpx.Response:
    return await client.post(PATH, json=ANNA | fields, headers=login.headers)


async def get(client: httpx.AsyncClient, login: Login, path: str = "", **query: Any) -> httpx.Response:
    return await client.get(f"{PATH}{path}", params=query, headers=login.headers)


async def total(client: httpx.AsyncClient, login: Login) -> int:
    return int((await get(client, login)).json()["total"])


async def test_a_client_that_was_added_is_found_where_the_answer_says(
    client: httpx.AsyncClient, analyst: Login
) -> None:
    answer = await add(client, analyst, registered_at="2025-03-01T09:30:00+01:00")
    assert answer.status_code == 201
    added = answer.json()
    assert answer.headers["location"] == f"{PATH}/{added['id']}"
    assert (await client.get(answer.headers["location"], headers=analyst.headers)).json() == added
    assert added == {
        "id": added["id"],
        "external_id": "0042",
        "source": "default",
        "external_ids": [{"source": "default", "external_id": "0042"}],
        "first_name": "Anna",
        "last_name": "Żak",
        "email": "anna@x.pl",
        "registered_at": "2025-03-01T08:30:00Z",
        "consents": {"marketing_email": None, "ad_user_data": None, "ad_personalization": None},
        "tenure_months": added["tenure_months"],
        "as_of": None,
        "predicted_sales": None,
        "currency": "PLN",
        "purchase_probability": None,
        "decision": None,
        "days_since_last_purchase": None,
    }
    assert added["tenure_months"] > 12
    listed = (await get(client, analyst, q="ŻA", external_id="0042")).json()
    assert listed == {"items": [], "next_cursor": None, "total": 0, "total_is_capped": False}
    assert (await get(client, analyst, q="anna Ż")).json()["items"] == [added]


async def test_a_source_has_an_id_once(client: httpx.AsyncClient, analyst: Login) -> None:
    assert (await add(client, analyst)).status_code == 201
    answer = await add(client, analyst)
    assert (answer.status_code, answer.json()["code"]) == (409, "already_exists")
    assert (await add(client, analyst, source="shop")).status_code == 201
    assert await total(client, analyst) == 2


WRONG_FIELDS: list[tuple[str, object]] = [
    ("external_id", ""),
    ("external_id", " 1"),
    ("external_id", 7),
    ("external_id", None),
    ("external_id", "a\0"),
    ("source", "x" * 201),
    ("first_name", "x" * 201),
    ("last_name", "a\0b"),
    ("email", "nobody"),
    ("registered_at", "2999-01-01"),
    ("registered_at", "1969-12-30"),
    ("registered_at", "0001-01-01T00:00:00+14:00"),
    ("registered_at", "yesterday"),
    ("registered_at", 5),
    ("id", "7"),
    ("predicted_sales", 5),
]


async def test_a_wrong_field_is_named_and_nobody_is_added(client: httpx.AsyncClient, analyst: Login) -> None:
    for field, value in WRONG_FIELDS:
        answer = await add(client, analyst, **{field: value})
        assert answer.status_code == 422
        assert answer.headers["content-type"] == "application/problem+json"
        assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert await total(client, analyst) == 0


async def test_only_the_fields_that_are_given_change_and_null_clears(
    client: httpx.AsyncClient, analyst: Login
) -> None:
    added = (await add(client, analyst, registered_at="2025-03-01")).json()
    path = f"{PATH}/{added['id']}"
    body = {"first_name": None, "email": " b@x.pl "}
    changed = (await client.patch(path, json=body, headers=analyst.headers)).json()
    assert changed == added | {"first_name": None, "email": "b@x.pl"}
    assert changed["registered_at"] == "2025-02-28T23:00:00Z"
    assert (await client.patch(path, json={}, headers=analyst.headers)).json() == changed
    assert (await get(client, analyst, q="zak")).json()["items"] == [changed]
    body = {"registered_at": None}
    assert (await client.patch(path, json=body, headers=analyst.headers)).json()["registered_at"] is None
    for wrong in ({"external_id": "9"}, {"email": "x"}, {"nothing": 1}):
        answer = await client.patch(path, json=wrong, headers=analyst.headers)
        assert answer.status_code == 422
    assert (await client.patch(f"{PATH}/9999", json={}, headers=analyst.headers)).status_code == 404


async def test_an_administrator_alone_deletes_and_everything_is_gone(
    client: httpx.AsyncClient, analyst: Login, admin: Login
) -> None:
    added = (await add(client, analyst)).json()
    order = {"order_id": "1", "client_id": "0042", "ordered_at": "2026-01-01", "amount": 5}
    await client.post("/api/v1/orders", json=[order], headers=analyst.headers)
    path = f"{PATH}/{added['id']}"
    refused = await client.delete(path, headers=analyst.headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
    assert (await client.delete(path, headers=admin.headers)).status_code == 204
    for again in (
        await client.get(path, headers=admin.headers),
        await client.delete(path, headers=admin.headers),
    ):
        assert (again.status_code, again.json()["code"]) == (404, "not_found")
    assert await total(client, analyst) == 0
    summary = (await client.get("/api/v1/dashboard/summary", headers=analyst.headers)).json()
    assert summary["clients"] == 0
    trail = (await client.get("/api/v1/audit", headers=admin.headers)).text
    assert "client.deleted" in trail
    assert "0042" not in trail
    assert "anna" not in trail.lower()


WRONG_FILTERS = [
    ("sort", "age"),
    ("limit", "0"),
    ("limit", "201"),
    ("limit", "x"),
    ("min_predicted_sales", "nan"),
    ("min_predicted_sales", "inf"),
    ("max_predicted_sales", "1e99"),
    ("min_purchase_probability", "1.5"),
    ("min_tenure_months", "-1"),
    ("max_days_since_last_purchase", "1.5"),
    ("decision", "2"),
    ("q", "a\0"),
    ("colour", "red"),
]


async def test_a_wrong_filter_is_named(client: httpx.AsyncClient, analyst: Login) -> None:
    for name, value in WRONG_FILTERS:
        answer = await get(client, analyst, **{name: value})
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_value")
        assert [error["field"] for error in answer.json()["errors"]] == [name]


async def test_a_cursor_leads_on_and_is_refused_when_it_was_changed(
    client: httpx.AsyncClient, analyst: Login
) -> None:
    for number in "123":
        await add(client, analyst, external_id=number)
    first = (await get(client, analyst, limit=2)).json()
    cursor = first["next_cursor"]
    second = (await get(client, analyst, limit=2, cursor=cursor)).json()
    assert [one["external_id"] for one in first["items"] + second["items"]] == ["1", "2", "3"]
    assert second["next_cursor"] is None
    for query in ({"cursor": cursor[:-2] + "AA"}, {"cursor": cursor, "sort": "-name"}, {"cursor": "x"}):
        answer = await get(client, analyst, **query)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_cursor")


async def test_an_unknown_client_is_not_found(client: httpx.AsyncClient, analyst: Login) -> None:
    for tail in ("", "/orders", "/activity", "/predictions"):
        assert (await get(client, analyst, f"/9999{tail}")).status_code == 404
        assert (await get(client, analyst, f"/abc{tail}")).status_code == 422
    answer = await client.post(f"{PATH}/9999/predictions", headers=analyst.headers)
    assert answer.status_code == 404


async def test_nobody_reads_clients_without_a_login(client: httpx.AsyncClient) -> None:
    for path in (PATH, f"{PATH}/1", f"{PATH}/1/orders"):
        assert (await client.get(path)).status_code == 401


async def test_scoring_before_any_training_says_what_is_missing(
    client: httpx.AsyncClient, analyst: Login
) -> None:
    added = (await add(client, analyst)).json()
    answer = await client.post(f"{PATH}/{added['id']}/predictions", headers=analyst.headers)
    assert (answer.status_code, answer.json()["code"]) == (409, "no_model")


async def test_a_deleted_client_is_in_no_file_of_the_database(
    app: App, client: httpx.AsyncClient, analyst: Login, admin: Login
) -> None:
    names = {"external_id": "secret-id-0042", "email": "secret@person.example", "last_name": "Tajemnicza"}
    added = (await add(client, analyst, **names)).json()
    await add(client, analyst, external_id="other")
    await client.patch(f"{PATH}/{added['id']}", json={"first_name": "Sekret"}, headers=analyst.headers)
    assert (await client.delete(f"{PATH}/{added['id']}", headers=admin.headers)).status_code == 204
    file = make_url(app.settings.url).database if app.settings.url.startswith("sqlite") else None
    found = b"".join(path.read_bytes() for path in Path(file).parent.glob("*.db*")) if file else b""
    for secret in (*names.values(), "tajemnicza", "sekret"):
        assert secret.encode() not in found
    assert (b"other" in found) == bool(file)

"""Possible duplicates over HTTP: proposed, merged, taken apart, called two people; and consents."""

from typing import Any

import httpx
import pytest
from tests.support.servers import Login

from salesml.core.users import UserRole

BASE = "/api/v1"


async def add(client: httpx.AsyncClient, login: Login, number: str, **fields: object) -> str:
    body = {"external_id": number, "email": "anna@shop.example"} | fields
    answer = await client.post(f"{BASE}/clients", json=body, headers=login.headers)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def proposed(client: httpx.AsyncClient, login: Login, **query: Any) -> Any:
    return (await client.get(f"{BASE}/duplicates", params=query, headers=login.headers)).json()


async def test_duplicates_are_proposed_merged_and_taken_apart(
    client: httpx.AsyncClient, analyst: Login
) -> None:
    first = await add(client, analyst, "1", first_name="Anna")
    second = await add(client, analyst, "2", last_name="Nowak")
    order = {"order_id": "9", "client_id": "2", "ordered_at": "2026-01-05T12:00:00", "amount": 10}
    await client.post(f"{BASE}/orders", json=[order], headers=analyst.headers)
    (group,) = (await proposed(client, analyst))["items"]
    assert (group["email"], group["total"], group["not_the_same"]) == ("anna@shop.example", 2, [])
    assert [
        (one["id"], one["orders"], one["net_sales"], one["last_order_day"]) for one in group["clients"]
    ] == [
        (first, 0, 0.0, None),
        (second, 1, 10.0, "2026-01-05"),
    ]
    body = {"client_id": first, "others": [second]}
    answer = await client.post(f"{BASE}/merges", json=body, headers=analyst.headers)
    assert answer.status_code == 201
    (merge,) = answer.json()["items"]
    assert (merge["client_id"], merge["merged_client_id"], merge["merged_by"]) == (
        first,
        second,
        analyst.user.email,
    )
    kept = (await client.get(f"{BASE}/clients/{first}", headers=analyst.headers)).json()
    assert [one["external_id"] for one in kept["external_ids"]] == ["1", "2"]
    assert (await client.get(f"{BASE}/clients/{second}", headers=analyst.headers)).status_code == 404
    assert (await proposed(client, analyst))["items"] == []
    listed = await client.get(f"{BASE}/merges", params={"client_id": first}, headers=analyst.headers)
    assert listed.json()["items"] == [merge]
    undone = await client.post(f"{BASE}/merges/{merge['id']}/undo", headers=analyst.headers)
    assert undone.json() == {"client_id": second}
    orders = await client.get(f"{BASE}/clients/{second}/orders", headers=analyst.headers)
    assert [one["order_id"] for one in orders.json()["items"]] == ["9"]
    again = await client.post(f"{BASE}/merges/{merge['id']}/undo", headers=analyst.headers)
    assert (again.status_code, again.json()["code"]) == (404, "not_found")


async def test_people_who_are_not_the_same_are_proposed_no_more(
    client: httpx.AsyncClient, analyst: Login
) -> None:
    ids = [await add(client, analyst, number) for number in "12"]
    answer = await client.post(
        f"{BASE}/duplicates/not-the-same", json={"client_ids": ids}, headers=analyst.headers
    )
    assert answer.status_code == 204
    assert (await proposed(client, analyst))["items"] == []


async def test_proposals_come_page_by_page(client: httpx.AsyncClient, analyst: Login) -> None:
    for number in range(6):
        await add(client, analyst, str(number), email=f"{number // 2}@shop.example")
    first = await proposed(client, analyst, limit=2)
    second = await proposed(client, analyst, limit=2, cursor=first["next_cursor"])
    assert [one["email"][0] for one in first["items"] + second["items"]] == ["0", "1", "2"]
    assert second["next_cursor"] is None
    assert (await proposed(client, analyst, cursor="x"))["code"] == "invalid_cursor"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("merges", {"client_id": "1", "others": []}),
        ("merges", {"client_id": "1", "others": ["1"]}),
        ("merges", {"client_id": "x", "others": ["2"]}),
        ("merges", {"client_id": "99999999999999999999", "others": ["2"]}),
        ("duplicates/not-the-same", {"client_ids": ["1"]}),
    ],
)
async def test_a_senseless_wish_is_refused(
    client: httpx.AsyncClient, analyst: Login, path: str, body: object
) -> None:
    await add(client, analyst, "1")
    answer = await client.post(f"{BASE}/{path}", json=body, headers=analyst.headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_value")


async def test_a_consent_is_set_with_its_date_and_taken_back(
    client: httpx.AsyncClient, analyst: Login
) -> None:
    client_id = await add(client, analyst, "1")

    async def change(consents: object) -> Any:
        answer = await client.patch(
            f"{BASE}/clients/{client_id}", json={"consents": consents}, headers=analyst.headers
        )
        return answer.json().get("consents", answer.json())

    given = {"granted": True, "at": "2026-01-05T10:00:00+01:00"}
    told = await change({"marketing_email": given, "ad_user_data": {"granted": False}})
    assert told["marketing_email"] == {"granted": True, "at": "2026-01-05T09:00:00Z"}
    assert told["ad_user_data"]["granted"] is False
    assert told["ad_user_data"]["at"] is not None
    assert told["ad_personalization"] is None
    told = await change({"marketing_email": None})
    assert told["marketing_email"] is None
    assert told["ad_user_data"]["granted"] is False
    assert (await change({"marketing_email": {"granted": True, "at": "2999-01-01"}}))[
        "code"
    ] == "invalid_value"
    assert (await change({"letters": {"granted": True}}))["code"] == "invalid_value"


async def test_the_trail_says_who_merged_whom(client: httpx.AsyncClient, admin: Login) -> None:
    assert admin.user.role is UserRole.ADMIN
    first, second = [await add(client, admin, number) for number in "12"]
    await client.post(f"{BASE}/merges", json={"client_id": first, "others": [second]}, headers=admin.headers)
    (event, *_) = (await client.get(f"{BASE}/audit", headers=admin.headers)).json()["items"]
    assert (event["action"], event["subject"]) == ("client.merged", f"client {first}")
    assert "anna" not in str(event)

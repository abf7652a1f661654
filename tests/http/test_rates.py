"""Exchange rates over HTTP."""

import httpx
import pytest
from tests.support.servers import Login

PATH = "/api/v1/rates"
RATES = {
    "rates": [
        {"currency": "eur", "day": "2026-01-30", "rate": "4.2156"},
        {"currency": "USD", "day": "2026-01-30", "rate": 3.9},
    ]
}


async def test_rates_are_put_listed_applied_and_deleted(client: httpx.AsyncClient, admin: Login) -> None:
    put = await client.put(PATH, json=RATES, headers=admin.headers)
    assert (put.status_code, put.json()) == (200, {"stored": 2})
    page = (await client.get(PATH, params={"limit": 1}, headers=admin.headers)).json()
    assert page["items"] == [{"currency": "EUR", "day": "2026-01-30", "rate": "4.2156"}]
    rest = await client.get(PATH, params={"cursor": page["next_cursor"]}, headers=admin.headers)
    assert [each["rate"] for each in rest.json()["items"]] == ["3.9"]
    order = {"order_id": "1", "client_id": "a", "ordered_at": "2026-01-31", "amount": 10, "currency": "EUR"}
    taken = await client.post("/api/v1/orders", json=[order], headers=admin.headers)
    assert taken.json()["accepted"] == 1
    (client_id,) = [
        each["id"] for each in (await client.get("/api/v1/clients", headers=admin.headers)).json()["items"]
    ]
    found = await client.get(f"/api/v1/clients/{client_id}/orders", headers=admin.headers)
    (stored,) = found.json()["items"]
    assert (stored["amount"], stored["currency"]) == (42.16, "PLN")
    assert (stored["original_amount"], stored["original_currency"]) == (10, "EUR")
    assert (await client.delete(f"{PATH}/eur", headers=admin.headers)).status_code == 204
    left = (await client.get(PATH, headers=admin.headers)).json()["items"]
    assert [each["currency"] for each in left] == ["USD"]


@pytest.mark.parametrize(
    "rate",
    [
        {"currency": "PLN", "day": "2026-01-30", "rate": 1},
        {"currency": "EUR", "day": "2026-01-30", "rate": 0},
        {"currency": "EUR", "day": "30.01.2026", "rate": 4},
        {"currency": "EURO", "day": "2026-01-30", "rate": 4},
    ],
)
async def test_a_wrong_rate_is_refused(client: httpx.AsyncClient, admin: Login, rate: object) -> None:
    answer = await client.put(PATH, json={"rates": [rate]}, headers=admin.headers)
    assert answer.status_code == 422
    assert (await client.get(PATH, headers=admin.headers)).json()["items"] == []


async def test_an_analyst_reads_rates_and_sets_none(client: httpx.AsyncClient, analyst: Login) -> None:
    assert (await client.get(PATH, headers=analyst.headers)).status_code == 200
    assert (await client.put(PATH, json=RATES, headers=analyst.headers)).status_code == 403

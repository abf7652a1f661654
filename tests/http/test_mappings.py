"""Saved mappings over HTTP, and an import that uses one."""

import json

import httpx
import pytest
from tests.support.servers import Login

PATH = "/api/v1/mappings"
MAPPING = {
    "kind": "orders",
    "options": {
        "mapping": {"client_id": "Kto", "ordered_at": "Kiedy", "amount": "Ile"},
        "date_format": "dmy",
    },
}
FILE = {"file": ("a.csv", b"Kto;Kiedy;Ile\nanna;02.01.2026;12.50\n", "text/csv")}


async def test_a_mapping_is_put_changed_listed_and_deleted(client: httpx.AsyncClient, analyst: Login) -> None:
    put = await client.put(f"{PATH}/sklep", json=MAPPING, headers=analyst.headers)
    assert (put.status_code, put.json()["options"]) == (200, MAPPING["options"])
    changed = {**MAPPING, "options": {"amount": "net"}}
    await client.put(f"{PATH}/sklep", json=changed, headers=analyst.headers)
    listed = (await client.get(PATH, headers=analyst.headers)).json()
    assert [(each["name"], each["options"]) for each in listed["items"]] == [("sklep", {"amount": "net"})]
    one = await client.get(f"{PATH}/sklep", headers=analyst.headers)
    assert one.json()["created_by"] == analyst.user.email
    assert (await client.delete(f"{PATH}/sklep", headers=analyst.headers)).status_code == 204
    for verb in ("GET", "DELETE"):
        assert (await client.request(verb, f"{PATH}/sklep", headers=analyst.headers)).status_code == 404


@pytest.mark.parametrize(
    "body", [{**MAPPING, "kind": "stars"}, {"kind": "orders", "options": {"colour": "red"}}]
)
async def test_a_wrong_mapping_is_refused(client: httpx.AsyncClient, analyst: Login, body: object) -> None:
    assert (await client.put(f"{PATH}/sklep", json=body, headers=analyst.headers)).status_code == 422


async def test_an_upload_is_read_by_a_saved_mapping(client: httpx.AsyncClient, analyst: Login) -> None:
    await client.put(f"{PATH}/sklep", json=MAPPING, headers=analyst.headers)
    headers = analyst.headers
    asked = {"kind": "orders"}
    plain = await client.post("/api/v1/imports", data=asked, files=FILE, headers=headers)
    assert plain.json()["code"] == "columns_missing"
    saved = await client.post("/api/v1/imports", data=asked | {"saved": "sklep"}, files=FILE, headers=headers)
    assert saved.status_code == 202
    own = {"saved": "sklep", "mapping": json.dumps({"amount": "Kwota"})}
    other = await client.post("/api/v1/imports", data=asked | own, files=FILE, headers=headers)
    assert "'Kwota' is not a column" in other.text
    missing = await client.post(
        "/api/v1/imports", data=asked | {"saved": "none"}, files=FILE, headers=headers
    )
    assert missing.status_code == 404

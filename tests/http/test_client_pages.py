"""Pages of duplicates, consents, exports and erasing: what is sent leads to what it says."""

import csv
import io
import re
from datetime import UTC, datetime

import httpx
import pytest
from tests.support.servers import PASSWORD, Login

from salesml.core.clients import CONSENTS, ExternalId
from salesml.services import clients, erasure, merges
from salesml.services.ports.unit_of_work import UnitOfWork
from salesml.wiring import App

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """What a page does beneath is proved on both engines elsewhere."""
    return sqlite_url


@pytest.fixture
async def page(client: httpx.AsyncClient, admin: Login) -> httpx.AsyncClient:
    """A browser of an administrator."""
    await client.post("/login", data={"email": admin.user.email, "password": PASSWORD, "next": "/"})
    return client


@pytest.fixture
def twins(app: App) -> tuple[int, int]:
    """Two clients with one address."""
    return app.tx.run(_twins)


def _twins(uow: UnitOfWork) -> tuple[int, int]:
    ids = []
    for number, name in (("0042", "Anna"), ("0043", "Ania")):
        external_id = ExternalId(source="default", external_id=number)
        fields = {"first_name": name, "email": "anna@shop.example"}
        line = clients.create(uow, external_id, fields, actor="test", now=NOW)
        ids.append(line.client.id)
    return ids[0], ids[1]


async def test_duplicates_are_merged_and_taken_apart_again(
    page: httpx.AsyncClient, app: App, twins: tuple[int, int]
) -> None:
    first, second = twins
    shown = (await page.get("/clients/duplicates")).text
    assert "anna@shop.example" in shown
    form = {"keep": str(first), "include": [str(first), str(second)]}
    answer = await page.post("/clients/duplicates/merge", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/clients/{first}")
    detail = (await page.get(f"/clients/{first}")).text
    assert "0043" in detail
    undo = re.search(r'action="(/clients/merges/\d+/undo)"', detail)
    assert undo
    answer = await page.post(undo[1])
    assert answer.headers["location"] == f"/clients/{second}"
    assert app.tx.read(merges.of_client, first) == []
    answer = await page.post("/clients/duplicates/apart", data=form)
    assert answer.headers["location"] == "/clients/duplicates"
    assert "anna@shop.example" not in (await page.get("/clients/duplicates")).text


@pytest.mark.parametrize(
    "form", [{}, {"keep": "1"}, {"keep": "1", "include": ["1"]}, {"keep": "x", "include": ["1", "2"]}]
)
async def test_a_merge_of_nobody_is_told_kindly(
    page: httpx.AsyncClient, app: App, twins: tuple[int, int], form: dict[str, str]
) -> None:
    answer = await page.post("/clients/duplicates/merge", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/clients/duplicates")
    assert app.tx.read(merges.of_client, twins[0]) == []


async def test_a_client_is_erased_only_after_its_number_was_typed(
    page: httpx.AsyncClient, app: App, twins: tuple[int, int]
) -> None:
    path = f"/clients/{twins[0]}/erase"
    assert "0042" in (await page.get(path)).text
    for typed in ("", "0043", "Anna"):
        answer = await page.post(path, data={"confirm": typed})
        assert answer.status_code == 422
        assert 'aria-invalid="true"' in answer.text
    answer = await page.post(path, data={"confirm": " 0042 "})
    assert (answer.status_code, answer.headers["location"]) == (303, "/clients")
    assert (await page.get(f"/clients/{twins[0]}")).status_code == 404
    erased = ["0042"]
    assert app.tx.read(lambda uow: uow.clients.is_erased("default", erased)) == {"0042"}


async def test_everything_known_of_a_client_is_a_file(
    page: httpx.AsyncClient, twins: tuple[int, int]
) -> None:
    answer = await page.get(f"/clients/{twins[0]}/data.json")
    assert answer.headers["content-disposition"] == f'attachment; filename="client-{twins[0]}.json"'
    assert answer.json()["client"]["first_name"] == "Anna"


async def test_a_list_is_exported_as_it_is_shown(page: httpx.AsyncClient, twins: tuple[int, int]) -> None:
    assert twins
    shown = (await page.get("/clients?q=anna&sort=name")).text
    links = re.findall(r'href="(/exports/clients[^"]*)"', shown)
    assert [link.rpartition("=")[2] for link in links] == ["csv", "xlsx", "parquet"]
    answer = await page.get(links[0].replace("&amp;", "&"))
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert [row["first_name"] for row in rows] == ["Anna"]
    fragment = await page.get("/clients?q=ania", headers={"HX-Request": "true"})
    assert "q=ania&amp;format=csv" in fragment.text


async def test_every_list_that_the_page_offers_is_there(
    page: httpx.AsyncClient, twins: tuple[int, int]
) -> None:
    assert twins
    shown = (await page.get("/exports")).text
    offered = re.findall(r'action="(/exports/[a-z-]+)"', shown)
    assert len(offered) == 7
    for path in offered:
        answer = await page.get(path, params={"format": "csv", "from": "2026-01-01", "to": ""})
        assert answer.status_code == 200, path
        assert answer.headers["content-type"].startswith("text/csv"), path


async def test_an_analyst_is_not_offered_what_is_not_for_analysts(
    client: httpx.AsyncClient, analyst: Login, twins: tuple[int, int]
) -> None:
    await client.post("/login", data={"email": analyst.user.email, "password": PASSWORD, "next": "/"})
    assert "/exports/audit" not in (await client.get("/exports")).text
    assert "/erase" not in (await client.get(f"/clients/{twins[0]}")).text
    for path in ("/exports/audit", f"/clients/{twins[0]}/erase"):
        assert (await client.get(path)).status_code == 403


async def test_consents_are_set_in_the_form_and_keep_their_days(
    page: httpx.AsyncClient, app: App, twins: tuple[int, int]
) -> None:
    path = f"/clients/{twins[0]}/edit"
    form = {"first_name": "Anna", "email": "anna@shop.example"}
    said = form | {"marketing_email": "yes", "marketing_email_at": "2026-01-05", "ad_user_data": "no"}
    assert (await page.post(path, data=said)).status_code == 303
    told = app.tx.read(lambda uow: uow.clients.get(twins[0])).consents
    assert {name: told[name].granted for name in CONSENTS if name in told} == {
        "marketing_email": True,
        "ad_user_data": False,
    }
    assert str(told["marketing_email"].at) == "2026-01-04 23:00:00+00:00"
    before = told["ad_user_data"].at
    shown = (await page.get(path)).text
    assert 'value="2026-01-05"' in shown
    again = said | {"ad_user_data_at": before.date().isoformat() if before else "", "first_name": "Anka"}
    assert (await page.post(path, data=again)).status_code == 303
    assert (
        app.tx.read(lambda uow: uow.clients.get(twins[0])).consents["marketing_email"]
        == told["marketing_email"]
    )
    turned = await page.post(path, data=again | {"marketing_email": "no"})
    assert turned.status_code == 303
    refused = app.tx.read(lambda uow: uow.clients.get(twins[0])).consents["marketing_email"]
    assert not refused.granted
    assert refused.at is not None
    assert refused.at > NOW, "a word that was turned round is new, whatever day stood beside it"
    wrong = await page.post(path, data=said | {"marketing_email_at": "2999-01-01"})
    assert wrong.status_code == 422
    gone = await page.post(path, data=form | {"ad_user_data": "no"})
    assert gone.status_code == 303
    left = app.tx.read(lambda uow: uow.clients.get(twins[0])).consents
    assert sorted(left) == ["ad_user_data"]


async def test_an_order_that_was_converted_shows_what_was_paid_beside_it(
    page: httpx.AsyncClient, app: App, admin: Login
) -> None:
    rate = {"currency": "EUR", "day": "2026-01-30", "rate": "4.2156"}
    await page.put("/api/v1/rates", json={"rates": [rate]}, headers=admin.headers)
    told = {"client_id": "a", "ordered_at": "2026-01-31"}
    orders = [
        {**told, "order_id": "1", "amount": 10, "currency": "EUR"},
        {**told, "order_id": "2", "amount": 7.5, "currency": "PLN"},
    ]
    await page.post("/api/v1/orders", json=orders, headers=admin.headers)
    found = app.tx.read(erasure.client_called, ExternalId(source="default", external_id="a"))
    text = (await page.get(f"/clients/{found}", headers={"accept-language": "en"})).text
    shown = re.sub(r"\s", " ", re.sub(r"<[^>]+>", " ", text))
    assert re.search(r"PLN 42\.16\s+paid: €10\.00", shown)
    assert shown.count("paid:") == 1

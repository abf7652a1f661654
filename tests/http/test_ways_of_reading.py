"""Saved mappings and known exports, chosen by drop-down on the pages of imports."""

from typing import Any

import httpx
import pytest
from tests.support.forms import Form, Importing, selected
from tests.support.servers import Login

from salesml.core.imports import ImportKind
from salesml.data.profiles import PROFILES
from salesml.services import imports, mappings, orders
from salesml.web import readings
from salesml.wiring import App

STRANGE = b"Kto;Kiedy;Ile;Netto\nanna;02.01.2026;12,50;10,00\nbogdan;13.01.2026;7,50;6,00\n"
WORDS = {"map_client_id": "Kto", "map_ordered_at": "Kiedy", "map_amount": "Ile"}
WOOCOMMERCE = b"""\
order_id,order_date,status,shipping_total,order_total,refunded_total,customer_id,billing_email,other
501,2026-02-01 10:00:00,completed,0,137.76,0,17,jan@example.pl,7
502,2026-02-01 11:00:00,wc-refunded,0,100.00,0,18,ola@example.pl,7
"""


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """What a form chooses does not depend on the engine."""
    return sqlite_url


@pytest.fixture
async def pages(app: App, client: httpx.AsyncClient, analyst: Login) -> Importing:
    found = Importing(app, client)
    await found.sign_in(analyst.user.email)
    return found


def mapping_of(app: App, name: str) -> dict[str, Any]:
    found = app.tx.read(mappings.get, name)
    return {"kind": found.kind, "by": found.created_by, **dict(found.options.mapping)}


def test_the_drop_down_of_known_exports_lists_each_that_is_recognised() -> None:
    listed = {(kind, name) for kind, exports in readings.EXPORTS.items() for name in exports}
    assert listed == {(profile.kind, profile.name) for profile in PROFILES}


async def saved(pages: Importing, name: str) -> tuple[str, str]:
    """A preview of a strange file whose way of reading was saved: its address and its page."""
    refused = await pages.upload("a.csv", STRANGE)
    assert refused.status_code == 422
    again = {**selected(refused.text, "/imports"), **WORDS}
    answer = await pages.client.post("/imports", data=again, files={"file": ("a.csv", STRANGE)})
    address, page = await pages.shown(answer)
    assert "saved" not in selected(page, address)
    kept = await pages.again(page, f"{address}/mapping", name=name)
    assert (kept.status_code, kept.headers["location"]) == (303, address)
    return await pages.shown(kept)


async def test_the_shown_way_of_reading_is_saved_under_a_name(
    app: App, pages: Importing, analyst: Login
) -> None:
    address, page = await saved(pages, "  nasz   sklep ")
    assert mapping_of(app, "nasz sklep") == {
        "kind": ImportKind.ORDERS,
        "by": analyst.user.email,
        **{name.removeprefix("map_"): column for name, column in WORDS.items()},
    }
    assert selected(page, address)["saved"] == "nasz sklep"
    assert app.tx.read(mappings.get, "nasz sklep").options.date_format == "dmy"


@pytest.mark.parametrize("name", ["", "<b>", "x" * 65])
async def test_a_senseless_name_is_said_beside_the_field(app: App, pages: Importing, name: str) -> None:
    address, page = await saved(pages, "sklep")
    answer = await pages.again(page, f"{address}/mapping", name=name)
    assert (answer.status_code, "name-error" in answer.text) == (422, True)
    assert [each.name for each in app.tx.read(mappings.list_mappings)] == ["sklep"]


async def test_the_next_file_is_read_by_it_from_the_upload_form(app: App, pages: Importing) -> None:
    await saved(pages, "sklep")
    more = STRANGE + b"cyryl;14.01.2026;1,00;0,80\n"
    assert (await pages.upload("b.csv", more)).status_code == 422
    other = await pages.upload("b.csv", more, saved="sklep", kind="clients")
    assert (other.status_code, "saved-error" in other.text) == (422, True)
    address, page = await pages.shown(await pages.upload("b.csv", more, saved="sklep"))
    assert {name: selected(page, address)[name] for name in WORDS} == WORDS
    await pages.confirmed(address)
    assert app.tx.read(orders.totals)[0] == 3


async def test_another_saved_mapping_shows_the_preview_anew(app: App, pages: Importing) -> None:
    address, page = await saved(pages, "brutto")
    address, page = await pages.shown(await pages.again(page, address, map_amount="Netto"))
    assert selected(page, address)["saved"] == ""
    await pages.again(page, f"{address}/mapping", name="netto")
    page = (await pages.client.get(address)).text
    assert selected(page, address)["saved"] == "netto"
    address, page = await pages.shown(await pages.again(page, address, saved="brutto"))
    found = selected(page, address)
    assert (found["saved"], found["map_amount"]) == ("brutto", "Ile")
    # What is changed together with it stands above it.
    address, page = await pages.shown(await pages.again(page, address, saved="netto", map_client_id="Ile"))
    found = selected(page, address)
    assert (found["saved"], found["map_amount"], found["map_client_id"]) == ("", "Netto", "Ile")
    assert app.tx.read(imports.page).items == ()


async def test_going_back_from_a_saved_mapping_detects_everything_again(pages: Importing) -> None:
    address, page = await saved(pages, "sklep")
    refused = await pages.again(page, address, saved="")
    assert refused.status_code == 422
    assert 'id="map_client_id-error"' in refused.text
    assert selected(refused.text, address)["saved"] == ""


async def test_a_mapping_that_is_gone_is_said_beside_the_field(app: App, pages: Importing) -> None:
    address, page = await saved(pages, "sklep")
    answer = await pages.client.post(address, data={**selected(page, address), "saved": "gone"})
    assert (answer.status_code, "saved-error" in answer.text) == (422, True)


async def test_another_known_export_shows_the_preview_anew(pages: Importing) -> None:
    address, page = await pages.shown(await pages.upload("orders.csv", WOOCOMMERCE))
    form = Form(page, address)
    assert set(form.choices["profile"]) == {"", "none", *readings.EXPORTS[ImportKind.ORDERS]}
    assert (form.fields["profile"], form.fields["map_status"]) == ("", "status")
    address, page = await pages.shown(await pages.again(page, address, map_order_id="other"))
    address, page = await pages.shown(await pages.again(page, address, profile="none"))
    found = selected(page, address)
    assert (found["profile"], found["map_status"], found["map_order_id"]) == ("none", "", "order_id")
    unfit = await pages.again(page, address, profile="prestashop-list")
    assert unfit.status_code == 422
    assert selected(unfit.text, address)["profile"] == "prestashop-list"
    address, page = await pages.shown(await pages.again(page, address, profile=""))
    assert selected(page, address)["map_status"] == "status"


@pytest.mark.parametrize("language", ["pl", "en"])
async def test_a_saved_mapping_is_deleted_on_the_page_of_imports(
    app: App, pages: Importing, language: str
) -> None:
    await saved(pages, "sklep")
    await pages.client.post("/language", data={"language": language})
    page = (await pages.client.get("/imports")).text
    asked = {"pl": "Usunąć to mapowanie?", "en": "Delete this mapping?"}[language]
    assert (asked in page, 'id="mappings"' in page) == (True, True)
    form = selected(page, "/imports/mappings/delete")
    assert form == {"name": "sklep"}
    gone = await pages.client.post("/imports/mappings/delete", data=form)
    assert (gone.status_code, gone.headers["location"]) == (303, "/imports")
    page = (await pages.client.get("/imports")).text
    told = {"pl": "Mapowanie sklep zostało usunięte.", "en": "The mapping sklep was deleted."}[language]
    assert (told in page, 'id="mappings"' in page) == (True, False)
    assert app.tx.read(mappings.list_mappings) == []


async def test_a_mapping_that_somebody_deleted_meanwhile_is_no_error(app: App, pages: Importing) -> None:
    await saved(pages, "sklep")
    twice = [await pages.client.post("/imports/mappings/delete", data={"name": "sklep"}) for _ in range(2)]
    assert [answer.status_code for answer in twice] == [303, 303]

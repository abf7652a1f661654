"""Duplicates, exports and erasing, as people click through them."""

from datetime import UTC, datetime

import pytest
from playwright.async_api import expect
from tests.browser.conftest import NARROW, WIDE, OpenPage
from tests.browser.test_every_page import faults
from tests.support.journeys import go
from tests.support.sites import Site
from tests.support.watches import Watch

from salesml.services import merges
from salesml.services.ports.unit_of_work import UnitOfWork

pytestmark = pytest.mark.asyncio(loop_scope="session")
LOOKS = [("pl", "dark", NARROW, 20), ("en", "light", WIDE, 30)]


def _alike(uow: UnitOfWork, address: str, *client_ids: int) -> None:
    """Give clients of the shop, which all tests of this module share, one address."""
    for client_id in client_ids:
        uow.clients.amend(client_id, {"email": address})


def _three(uow: UnitOfWork, first: int) -> None:
    """Three of one address, two of them different people, and a client who has become two."""
    _alike(uow, f"{first}@threes.example", first, first + 1, first + 2)
    merges.keep_apart(uow, [first, first + 1], actor="test", now=datetime.now(UTC))
    merges.merge(uow, first + 3, [first + 4], actor="ann@shop.example", now=datetime.now(UTC))


@pytest.mark.parametrize(("language", "scheme", "width", "first"), LOOKS)
async def test_duplicates_are_for_everyone(
    open_page: OpenPage, site: Site, language: str, scheme: str, width: int, first: int
) -> None:
    site.app.tx.run(_three, first)
    page = await open_page(language=language, scheme=scheme, width=width, role="admin")
    found = []
    for path in ("/clients/duplicates", f"/clients/{first + 3}"):
        await page.goto(path)
        found += await faults(page)
    assert not found, "\n".join(found)


async def test_two_clients_become_one_after_a_question_and_two_again(open_page: OpenPage, site: Site) -> None:
    site.app.tx.run(_alike, "b@twins.example", 4, 5)
    page = await open_page(language="en", role="analyst")
    await go(page, "/clients/duplicates")
    group = page.locator("section.card").filter(has_text="b@twins.example")
    kept = await group.locator("th a").nth(1).inner_text()
    await group.get_by_role("radio").nth(1).check()
    await group.get_by_role("button", name="Merge…").click()
    await page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    await expect(group).to_be_visible()
    await group.get_by_role("button", name="Merge…").click()
    await page.get_by_role("dialog").get_by_role("button", name="Merge").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(kept)
    await expect(page.locator(".note-good")).to_contain_text("one now")
    merged = page.locator("section.card").filter(has_text="Merged into this client")
    await merged.get_by_role("button", name="Undo the merge").click()
    await page.get_by_role("dialog").get_by_role("button", name="Take apart").click()
    await expect(page.locator(".note-good")).to_contain_text("one of its own")
    await go(page, "/clients/duplicates")
    await expect(page.get_by_role("heading", name="b@twins.example")).to_be_visible()


async def test_people_who_are_not_the_same_disappear_from_the_list(open_page: OpenPage, site: Site) -> None:
    site.app.tx.run(_alike, "a@twins.example", 6, 7)
    page = await open_page(language="en", role="analyst")
    await go(page, "/clients/duplicates")
    group = page.locator("section.card").filter(has_text="a@twins.example")
    await group.get_by_role("button", name="Not the same person").click()
    await expect(page.get_by_role("heading", name="a@twins.example")).to_have_count(0)


async def test_the_list_that_is_shown_is_the_one_that_downloads(open_page: OpenPage) -> None:
    page = await open_page(language="en", role="analyst")
    await go(page, "/clients")
    menu = page.locator("details#export")
    await menu.locator("summary").click()
    await expect(menu.get_by_role("link", name="CSV")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(menu.get_by_role("link", name="CSV")).to_be_hidden()
    await page.get_by_label("Last purchase").select_option("30")
    await expect(menu.locator("a").first).to_have_attribute("href", "/exports/clients?recency=30&format=csv")
    await menu.locator("summary").click()
    async with page.expect_download() as waiting:
        await menu.get_by_role("link", name="CSV").click()
    download = await waiting.value
    assert download.suggested_filename.startswith("clients-")
    await expect(menu.get_by_role("link", name="CSV")).to_be_hidden()


async def test_a_client_is_erased_after_its_number_was_typed(open_page: OpenPage, watch: Watch) -> None:
    watch.expect_status(422)
    page = await open_page(language="en", role="admin")
    await go(page, "/clients/12")
    await page.get_by_role("link", name="Erase…").click()
    await page.get_by_label("Type").fill("something else")
    await page.get_by_role("button", name="Erase the client").click()
    await expect(page.locator(".form-error")).to_contain_text("not what was asked for")
    await page.get_by_label("Type").fill("000012")
    await page.get_by_role("button", name="Erase the client").click()
    await expect(page.locator(".note-good")).to_contain_text("erased")

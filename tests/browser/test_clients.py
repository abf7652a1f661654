"""The list of clients, one client, and what people change."""

import re
from datetime import UTC, datetime

import pytest
from playwright.async_api import Browser, Page, expect
from tests.browser.conftest import NARROW, OpenPage
from tests.support.journeys import go, has_stayed, stays, text_of
from tests.support.sites import Site
from tests.support.watches import Watch

from salesml.core.activity import METRICS, Coverage
from salesml.core.clients import ClientLine, ClientQuery, ClientSort
from salesml.core.days import day_of
from salesml.services import clients, installation
from salesml.services.ports.unit_of_work import UnitOfWork

pytestmark = pytest.mark.asyncio(loop_scope="session")
ROWS = ".client-table tbody tr"


def lines(site: Site, **asked: object) -> tuple[ClientLine, ...]:
    """What the service answers to the question that the page asks."""
    query = ClientQuery(**{"limit": 25, **asked})  # type: ignore[arg-type]
    return site.app.tx.read(clients.page, query, datetime.now(UTC)).items


async def names(page: Page) -> list[str]:
    return [name.strip() for name in await page.locator(f"{ROWS} th a").all_inner_texts()]


async def addresses(page: Page) -> list[str]:
    """Of the clients on the page; two of them may have one name."""
    return list(
        await page.locator(f"{ROWS} th a").evaluate_all("links => links.map((link) => link.pathname)")
    )


async def first_is(page: Page, address: str) -> None:
    await expect(page.locator(f"{ROWS} th a").first).to_have_attribute("href", address)


async def first_is_not(page: Page, address: str) -> None:
    await expect(page.locator(f"{ROWS} th a").first).not_to_have_attribute("href", address)


def called(line: ClientLine) -> str:
    return f"{line.client.first_name} {line.client.last_name}"


def best(site: Site) -> ClientLine:
    return lines(site, sort=ClientSort.PREDICTED_SALES, descending=True)[0]


@pytest.mark.parametrize("language", ["pl", "en"])
async def test_searching_changes_rows_and_address_without_loading_the_page(
    open_page: OpenPage, site: Site, language: str
) -> None:
    wanted = best(site)
    page = await open_page(language=language, role="analyst")
    await go(page, "/clients")
    await stays(page)
    await page.locator("#q").press_sequentially(str(wanted.client.email))
    await expect(page).to_have_url(re.compile(r"/clients\?q=[^&]+$"))
    await expect(page.locator(ROWS)).to_have_count(1)
    assert await names(page) == [called(wanted)]
    assert await text_of(page, ".pages-summary") == {"pl": "1 klient", "en": "1 client"}[language]
    assert await has_stayed(page)
    await expect(page.locator("#q")).to_be_focused()
    await expect(page.locator("#list-status")).to_have_text(re.compile("^1 "))


async def test_every_column_sorts_both_ways(open_page: OpenPage, site: Site) -> None:
    page = await open_page(language="en", role="analyst")
    await go(page, "/clients?sort=name")
    await stays(page)
    for column in range(await page.locator("thead th").count()):
        heading = page.locator("thead th").nth(column)
        before = await heading.get_attribute("aria-sort")
        await heading.locator("a").click()
        await expect(heading).not_to_have_attribute("aria-sort", str(before))
        first = str(await heading.get_attribute("aria-sort"))
        await heading.locator("a").click()
        other = {"ascending": "descending", "descending": "ascending"}[first]
        await expect(heading).to_have_attribute("aria-sort", other)
        await expect(heading.locator("a")).to_be_focused()
    assert await has_stayed(page)
    await go(page, "/clients?sort=days_since_last_purchase&dir=desc")
    wanted = lines(site, sort=ClientSort.DAYS_SINCE_LAST_PURCHASE, descending=True)
    assert await names(page) == [called(line) for line in wanted]


async def test_pages_go_on_and_back_and_the_back_button_shows_what_was_there(open_page: OpenPage) -> None:
    page = await open_page(language="en", role="analyst")
    await go(page, "/clients?sort=name")
    await stays(page)
    seen = [await addresses(page)]
    for _ in range(2):
        await page.get_by_role("link", name="Next").click()
        await first_is_not(page, seen[-1][0])
        seen.append(await addresses(page))
    assert len({address for part in seen for address in part}) == 75
    for part in (seen[1], seen[0]):
        await page.get_by_role("link", name="Previous").click()
        await first_is(page, part[0])
        assert await addresses(page) == part
    assert await has_stayed(page)
    await page.go_back()
    await first_is(page, seen[1][0])
    assert await addresses(page) == seen[1]
    await page.reload()
    assert await addresses(page) == seen[1]


@pytest.mark.parametrize("language", ["pl", "en"])
async def test_filters_narrow_the_list_and_can_be_taken_back(
    open_page: OpenPage, site: Site, language: str
) -> None:
    page = await open_page(language=language, role="analyst")
    await go(page, "/clients")
    await stays(page)
    await page.locator("#decision").select_option("0")
    await expect(page).to_have_url(re.compile(r"\?decision=0$"))
    await page.locator("#probability").fill("5")
    await page.locator("#probability").press("Enter")
    await expect(page).to_have_url(re.compile("probability=5"))
    shown = await page.locator(f"{ROWS} [role=progressbar]").evaluate_all(
        "bars => bars.map((bar) => Number(bar.getAttribute('aria-valuenow')))"
    )
    assert shown
    assert 5 <= min(shown) <= max(shown) <= 70
    await page.locator("#recency").select_option("over365")
    await page.locator("#q").fill("nobody at all")
    await expect(page.locator("#client-list .state")).to_be_visible()
    assert await has_stayed(page)
    await page.locator("#client-list .state a").click()
    await expect(page.locator(ROWS)).to_have_count(25)


async def test_the_list_works_without_javascript(browser: Browser, site: Site) -> None:
    context = await browser.new_context(base_url=site.url, java_script_enabled=False, locale="en-GB")
    await context.add_cookies([site.cookie_of("analyst")])
    page = await context.new_page()
    await go(page, "/clients")
    await page.locator("#decision").select_option("0")
    await page.get_by_role("button", name="Filter").click()
    assert "decision=0" in page.url
    await page.get_by_role("link", name="Client", exact=True).click()
    assert "decision=0" in page.url
    assert "sort=name" in page.url
    first = await names(page)
    await page.get_by_role("link", name="Next").click()
    assert await names(page) != first
    await page.get_by_role("link", name="Previous").click()
    assert await names(page) == first
    await context.close()


async def test_on_a_phone_the_order_is_a_choice(open_page: OpenPage, site: Site) -> None:
    page = await open_page(width=NARROW, role="analyst")
    await go(page, "/clients")
    await page.get_by_label("Kolejność").select_option("name.asc")
    await expect(page).to_have_url(re.compile("sort=name"))
    await expect(page.locator(f"{ROWS} th a").first).to_have_text(called(lines(site)[0]))


async def test_a_changed_cursor_leads_to_the_first_page(open_page: OpenPage) -> None:
    page = await open_page(role="analyst")
    await go(page, "/clients?sort=name&cursor=bm90IG91cnM")
    await expect(page).to_have_url(re.compile(r"/clients\?sort=name$"))
    await expect(page.locator(ROWS)).to_have_count(25)


@pytest.mark.parametrize("language", ["pl", "en"])
async def test_a_wrong_value_is_said_beside_its_field_and_what_was_typed_stays(
    open_page: OpenPage, site: Site, watch: Watch, language: str
) -> None:
    watch.expect_status(422)
    line = lines(site, sort=ClientSort.NAME, descending=language == "pl")[0]
    page = await open_page(language=language, role="analyst")
    await go(page, f"/clients/{line.client.id}/edit")
    await page.locator("#first_name").fill("Zażółć")
    await page.locator("#email").fill("no address")
    await page.locator("main button[type=submit]").click()
    await expect(page.locator("#email-error")).to_contain_text(
        {"pl": "adres e-mail", "en": "e-mail address"}[language]
    )
    await expect(page.locator("#email")).to_have_value("no address")
    await expect(page.locator("#first_name")).to_have_value("Zażółć")
    await expect(page.locator("#email")).to_be_focused()
    await page.locator("#email").fill(f"zazolc-{language}@shop.example")
    await page.locator("main button[type=submit]").click()
    await expect(page.locator(".note-good")).to_be_visible()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Zażółć")
    after = site.app.tx.read(clients.detail, line.client.id, datetime.now(UTC)).client
    assert (after.first_name, after.email) == ("Zażółć", f"zazolc-{language}@shop.example")
    assert (after.last_name, after.registered_at) == (line.client.last_name, line.client.registered_at)


async def test_a_client_is_added_once(open_page: OpenPage, watch: Watch) -> None:
    watch.expect_status(422)
    page = await open_page(language="en", role="analyst")
    for taken in (False, True):
        await go(page, "/clients/new")
        await page.locator("#external_id").fill("new-1")
        await page.locator("#last_name").fill("<b>Łęcka</b>")
        await page.locator("main button[type=submit]").click()
        if taken:
            await expect(page.locator("#external_id-error")).to_contain_text("already")
        else:
            await expect(page.get_by_role("heading", level=1)).to_have_text("<b>Łęcka</b>")


@pytest.mark.parametrize("language", ["pl", "en"])
async def test_scoring_now_shows_both_forecasts_and_that_the_day_is_not_over(
    open_page: OpenPage, site: Site, language: str
) -> None:
    site.app.tx.run(_activity_is_known)
    page = await open_page(language=language, role="analyst")
    await go(page, f"/clients/{best(site).client.id}")
    await expect(page.locator("[role=progressbar]")).to_have_count(1)
    await page.get_by_role("button", name={"pl": "Oceń teraz", "en": "Score now"}[language]).click()
    now = page.locator("#now-score")
    await expect(now).to_contain_text({"pl": "dzień jeszcze trwa", "en": "day not over"}[language])
    await expect(now.locator("[role=progressbar] .bar-mark")).to_have_attribute("x", "70.0")
    await expect(now).to_be_focused()


async def test_an_administrator_deletes_a_client_after_a_question(open_page: OpenPage, watch: Watch) -> None:
    watch.expect_status(404)
    page = await open_page(language="en", role="admin")
    await go(page, "/clients?sort=name&dir=desc")
    await page.locator(f"{ROWS} th a").first.click()
    address = page.url
    await page.get_by_role("button", name="Delete").click()
    await page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    assert page.url == address
    await page.get_by_role("button", name="Delete").click()
    await page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await expect(page.locator(".note-good")).to_contain_text("deleted")
    gone = await page.goto(address)
    assert gone is not None
    assert gone.status == 404


def _activity_is_known(uow: UnitOfWork) -> None:
    """As if the shop sent activity every day."""
    today = day_of(datetime.now(UTC), installation.current(uow).zone)
    days = [Coverage(metric=metric, first_day=today - 400, last_day=today) for metric in METRICS]
    uow.activity.cover(days, None)

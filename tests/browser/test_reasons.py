"""Why a forecast is what it is: what a client's page shows adds up to the forecast, in both languages."""

import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from playwright.async_api import Page, expect
from tests.browser.conftest import NARROW, WIDE, OpenPage
from tests.browser.test_every_page import faults
from tests.support.journeys import go
from tests.support.sites import Site

from salesml.core.clients import ClientQuery, ClientSort
from salesml.services import clients

pytestmark = pytest.mark.asyncio(loop_scope="session")


def address(site: Site, *, best: bool) -> str:
    """The page of the client with the highest or the lowest forecast."""
    query = ClientQuery(sort=ClientSort.PREDICTED_SALES, descending=best, limit=1)
    line = site.app.tx.read(clients.page, query, datetime.now(UTC)).items[0]
    return f"/clients/{line.client.id}"


def number(written: str, language: str) -> Decimal:
    """An amount as a page writes it; the minus is the true one."""
    point = {"pl": ",", "en": "."}[language]
    digits = re.sub(rf"[^\d{point}]", "", re.sub(r"p\.p\.", "", written)).replace(point, ".")
    return Decimal(digits) * (-1 if "\N{MINUS SIGN}" in written else 1)


async def amounts(page: Page, table: str, language: str) -> tuple[list[Decimal], Decimal]:
    """The steps of a table of reasons, and the forecast below them."""
    steps = await page.locator(f"{table} tbody td.num").all_inner_texts()
    total = await page.locator(f"{table} tfoot td.num").inner_text()
    return [number(step, language) for step in steps], number(total, language)


@pytest.mark.parametrize("language", ["pl", "en"])
@pytest.mark.parametrize("best", [True, False])
async def test_the_reasons_shown_add_up_to_the_forecasts_shown(
    open_page: OpenPage, site: Site, language: str, best: bool
) -> None:
    page = await open_page(language=language, role="analyst")
    await go(page, address(site, best=best))
    for place, shown in enumerate((".forecast-pair .stat-value", ".forecast-pair .probability-large .num")):
        steps, total = await amounts(page, f".reasons >> nth={place} >>", language)
        assert len(steps) > 2
        assert sum(steps) == total == number(await page.locator(shown).inner_text(), language)


@pytest.mark.parametrize(("language", "scheme", "width"), [("pl", "dark", NARROW), ("en", "light", WIDE)])
async def test_a_score_of_now_tells_its_own_reasons(
    open_page: OpenPage, site: Site, language: str, scheme: str, width: int
) -> None:
    page = await open_page(language=language, scheme=scheme, width=width, role="analyst")
    await go(page, address(site, best=True))
    await page.locator(".page-actions form button[type=submit]").click()
    await expect(page.locator("#now-score .reasons")).to_have_count(2)
    for place, shown in enumerate((".stat-value", ".probability-large .num")):
        steps, total = await amounts(page, f"#now-score .reasons >> nth={place} >>", language)
        assert sum(steps) == total
        assert total == number(await page.locator(f"#now-score {shown}").inner_text(), language)
    assert await faults(page) == []


async def test_reasons_are_a_table_whose_directions_are_read_out(open_page: OpenPage, site: Site) -> None:
    page = await open_page(language="en", role="analyst")
    await go(page, address(site, best=True))
    sales = page.get_by_role("table", name="Why (Net sales in the next 30 days)")
    rows = sales.locator("tbody tr")
    await expect(rows.first).to_contain_text("where everybody starts", ignore_case=True)
    for row in await rows.all():
        amount = await row.locator("td.num").inner_text()
        if amount.startswith("+"):
            await expect(row.get_by_role("img", name="raises it")).to_have_count(1)
        elif amount.startswith("\N{MINUS SIGN}"):
            await expect(row.get_by_role("img", name="lowers it")).to_have_count(1)
    await expect(page.get_by_text(re.compile(r"^8 of 10 such clients buy between "))).to_have_count(1)

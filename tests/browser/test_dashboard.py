"""The main page: figures, chart and table, what to do first, and the way there in an empty installation."""

import re

import pytest
from playwright.async_api import expect
from tests.browser.conftest import NARROW, WIDE, OpenPage
from tests.support.journeys import go, text_of
from tests.support.sites import Site

from salesml.services import dashboard, forecasts, installation

pytestmark = pytest.mark.asyncio(loop_scope="session")
WORDS = {
    "pl": {
        "title": "Pulpit",
        "forecast": "prognoza",
        "old": "Najnowsze dane są z",
    },
    "en": {
        "title": "Dashboard",
        "forecast": "forecast",
        "old": "The newest data is from",
    },
}
DRAWN = "[...Chart.getChart(document.querySelector('canvas')).data.datasets[0].data]"


@pytest.mark.parametrize("language", ["pl", "en"])
async def test_the_dashboard_shows_figures_and_the_trend_as_chart_and_table(
    open_page: OpenPage, site: Site, language: str
) -> None:
    page = await open_page(language=language, role="analyst")
    await go(page, "/")
    await expect(page.get_by_role("heading", level=1)).to_have_text(WORDS[language]["title"])
    summary = site.app.tx.read(dashboard.summary)
    assert summary is not None
    assert summary.scored is not None
    assert await text_of(page, "#stat-clients .stat-value") == str(summary.clients)
    drawn = await page.evaluate(DRAWN)
    rows = page.locator(".trend-table tbody tr")
    assert await rows.count() == len(drawn) > 5
    company, _ = site.app.tx.read(forecasts.latest)
    assert drawn[-1] == pytest.approx(company.total / 100)
    await expect(rows.first).to_contain_text(WORDS[language]["forecast"])
    shown = re.sub(r"\D", "", await rows.first.locator("td").inner_text())
    assert shown == str(round(drawn[-1]))


@pytest.mark.parametrize("width", [NARROW, WIDE])
async def test_the_forecast_of_the_company_is_shown_with_its_parts(
    open_page: OpenPage, site: Site, width: int
) -> None:
    page = await open_page(language="en", role="analyst", width=width)
    await go(page, "/")
    company, currency = site.app.tx.read(forecasts.latest)
    total = re.sub(r"\D", "", await text_of(page, "#company-total"))
    assert total == str(round(currency.to_major(company.total)))
    amounts = [re.sub(r"\D", "", each) for each in await page.locator(".parts-list dd").all_inner_texts()]
    assert amounts == [str(round(currency.to_major(each))) for each in company.parts.values()]
    await expect(page.locator("#company")).to_contain_text("80% interval")
    widths = [
        float(await bar.get_attribute("width") or 0) for bar in await page.locator(".parts-bar [x]").all()
    ]
    assert sum(widths) == pytest.approx(100, abs=0.1)
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("language", ["pl", "en"])
async def test_old_data_is_warned_of(open_page: OpenPage, language: str) -> None:
    page = await open_page(language=language, role="analyst")
    await go(page, "/")
    await expect(page.locator(".note-warn")).to_contain_text(WORDS[language]["old"])


async def test_the_chart_follows_the_theme_and_fits_a_phone(open_page: OpenPage) -> None:
    page = await open_page(width=NARROW, role="analyst")
    await go(page, "/")
    fill = "Chart.getChart(document.querySelector('canvas')).data.datasets[0].backgroundColor[0]"
    light = await page.evaluate(fill)
    await page.evaluate("document.documentElement.dataset.bsTheme = 'dark'")
    await page.wait_for_function(f"{fill} !== '{light}'")
    assert await page.locator("canvas").evaluate(
        "canvas => canvas.getBoundingClientRect().right <= innerWidth"
    )


async def test_the_share_leads_to_the_clients_it_counts(open_page: OpenPage, site: Site) -> None:
    page = await open_page(language="en", role="analyst")
    await go(page, "/")
    summary = site.app.tx.read(dashboard.summary)
    assert summary is not None
    assert summary.scored is not None
    await page.locator("#stat-buyers a").click()
    await expect(page).to_have_url(re.compile("decision=1"))
    selected = summary.scored.selection.clients
    await expect(page.locator(".pages-summary")).to_have_text(
        f"{selected} client{'' if selected == 1 else 's'}"
    )


async def test_simulated_data_is_said_on_every_page(open_page: OpenPage, site: Site) -> None:
    site.app.tx.run(installation.mark_simulated)
    page = await open_page(role="analyst")
    for path in ("/", "/clients", "/clients/1", "/models", "/imports", "/jobs"):
        await go(page, path)
        await expect(page.locator(".strip")).to_contain_text("Dane symulowane")

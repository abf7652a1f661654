"""The league table: started by an administrator, followed, read by everyone, on every screen."""

import re

import pytest
from playwright.async_api import expect
from tests.browser.conftest import NARROW, WIDE, OpenPage
from tests.browser.test_every_page import faults
from tests.support.journeys import JOB_S, go
from tests.support.quick_worker import Worker
from tests.support.sites import Site
from tests.support.watches import Watch

from salesml.services import backtests

pytestmark = pytest.mark.asyncio(loop_scope="session")
LOOKS = [("pl", "light", WIDE), ("en", "dark", WIDE), ("en", "light", NARROW), ("pl", "dark", NARROW)]


async def test_an_administrator_compares_models_and_everyone_reads_the_league(
    open_page: OpenPage, site: Site, worker: Worker, watch: Watch
) -> None:
    watch.expect_status(403)
    page = await open_page(language="en", role="admin")
    await go(page, "/models")
    await page.get_by_role("link", name="League table").click()
    await expect(page.get_by_text("Nothing was compared yet")).to_be_visible()
    with worker.held():
        await page.get_by_role("button", name="Compare").click()
        await expect(page.get_by_text("waiting for a worker")).to_be_visible()
        await expect(page.get_by_role("button", name="Compare")).to_have_count(0)
    best = page.locator(".league tr.is-best").first
    await expect(best).to_be_visible(timeout=JOB_S * 1_000)
    stored = site.app.tx.read(backtests.latest)
    assert stored is not None
    for number, table in enumerate(stored.result["league"]):
        judged = [each for each in table["standings"] if each["metrics"]]
        shown = page.locator(".card", has=page.locator(".league")).nth(number).locator(".league").first
        await expect(shown.locator("tbody tr")).to_have_count(len(judged))
        first = shown.locator("tbody tr").first
        await expect(first).to_have_class(re.compile("is-best"))
        rmse = f"{judged[0]['metrics'][table['deciding_metric']]:,.{4 if number else 2}f}"
        await expect(first).to_contain_text(rmse)
    reader = await open_page(language="pl", role="analyst")
    await go(reader, "/models/league")
    await expect(reader.get_by_text("prosta prognoza").first).to_be_visible()
    await expect(reader.get_by_role("button", name="Porównaj")).to_have_count(0)
    assert (await reader.request.post("/models/league")).status == 403
    for language, scheme, width in LOOKS:
        look = await open_page(language=language, scheme=scheme, width=width, role="admin")
        await go(look, "/models/league")
        for each in await look.locator("details.league-more > summary").all():
            await each.click()
        assert await faults(look) == []

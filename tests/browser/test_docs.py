"""Swagger UI: a stranger logs in by Authorize and tries a forecast."""

import json

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect
from tests.browser.conftest import OpenPage
from tests.support.servers import PASSWORD
from tests.support.sites import Site

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def docs(open_page: OpenPage) -> Page:
    page = await open_page(language="en")
    await page.goto("/docs")
    await expect(page.get_by_role("button", name="Authorize").first).to_be_visible()
    return page


async def authorize(page: Page, email: str) -> None:
    await page.get_by_role("button", name="Authorize").first.click()
    form = page.locator(".auth-container").first
    await form.locator("#oauth_username, [name=username]").first.fill(email)
    await form.locator("#oauth_password, [name=password]").first.fill(PASSWORD)
    await form.locator("button.authorize").click()
    await expect(form.get_by_text("Authorized", exact=True)).to_be_visible()
    await page.locator(".auth-btn-wrapper .btn-done").first.click()


async def test_a_stranger_tries_a_forecast_from_the_example(docs: Page, site: Site) -> None:
    await authorize(docs, site.users["analyst"].email)
    operation = docs.locator(".opblock:has([data-path='/api/v1/predictions/sales'])")
    await operation.locator(".opblock-summary-control").click()
    await operation.get_by_role("button", name="Execute").click()
    answer = operation.locator(".live-responses-table .highlight-code").first
    await expect(answer).to_contain_text("predicted_sales")
    shown = json.loads((await answer.inner_text()).removeprefix("Download"))
    assert shown["predicted_sales"] >= 0
    assert shown["horizon_days"] == 30

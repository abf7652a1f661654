"""A stranger's way through Swagger UI: authorize, add a client, post its orders, read both forecasts."""

import json
import re
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect
from tests.browser.conftest import OpenPage
from tests.support.sites import Site

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def authorize(page: Page, site: Site) -> None:
    await page.get_by_role("button", name="Authorize").first.click()
    dialog = page.locator(".auth-container")
    await dialog.get_by_label("username").fill(site.users["admin"].email)
    await dialog.get_by_label("password").fill(site.password)
    await dialog.locator("button.authorize").click()
    await expect(dialog.get_by_text("Logout")).to_be_visible()
    await dialog.locator("button.btn-done").click()


async def opened(page: Page, method: str, path: str) -> Locator:
    """The block of one operation, unfolded."""
    name = page.locator(f'[data-path="{path}"]')
    block = page.locator(f".opblock-{method}").filter(has=name)
    await block.locator(".opblock-summary-control").click()
    return block


async def execute(block: Locator) -> Any:
    """Press Execute and answer the body that came back with a status of success."""
    await block.get_by_role("button", name="Execute").click()
    answer = block.locator(".live-responses-table tbody tr.response").first
    await expect(answer.locator(".response-col_status")).to_have_text(re.compile(r"20[0-9]"))
    return json.loads(await answer.locator(".highlight-code code").first.inner_text())


async def test_a_stranger_gets_a_forecast_from_the_example_alone(open_page: OpenPage, site: Site) -> None:
    page = await open_page(language="en")
    await page.goto("/docs")
    await authorize(page, site)
    sales = await execute(await opened(page, "post", "/api/v1/predictions/sales"))
    assert sales["model_version"].startswith("sales-kernel-")
    purchase = await execute(await opened(page, "post", "/api/v1/predictions/purchase"))
    assert 0 <= purchase["probability"] <= 1


async def test_a_stranger_adds_a_client_posts_orders_and_scores(open_page: OpenPage, site: Site) -> None:
    page = await open_page(language="en")
    await page.goto("/docs")
    await authorize(page, site)
    add = await opened(page, "post", "/api/v1/clients")
    await add.locator("textarea.body-param__text").fill(
        json.dumps({"external_id": "swagger-1", "first_name": "Ada", "last_name": "Nowak"})
    )
    client = await execute(add)
    post = await opened(page, "post", "/api/v1/orders")
    await post.locator("textarea.body-param__text").fill(
        json.dumps(
            [
                {
                    "order_id": f"swagger-{number}",
                    "client_id": "swagger-1",
                    "ordered_at": f"2026-0{number}-10T12:00:00",
                    "amount": 50.25,
                }
                for number in (6, 7, 8)
            ]
        )
    )
    assert (await execute(post))["accepted"] == 3
    score = await opened(page, "post", "/api/v1/clients/{client_id}/predictions")
    await score.get_by_placeholder("client_id").fill(client["id"])
    answer = await execute(score)
    assert answer["client_id"] == client["id"]
    assert answer["sales"]["predicted_sales"] >= 0
    assert 0 <= answer["purchase"]["probability"] <= 1

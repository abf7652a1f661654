"""What holds on every page: nothing for axe to find, nothing wider than the screen, and a name."""

import pytest
from axe_playwright_python.base import AXE_SCRIPT  # type: ignore[import-untyped]
from playwright.async_api import Page
from tests.browser.conftest import NARROW, WIDE, OpenPage
from tests.support.sites import Site
from tests.support.watches import Watch

pytestmark = pytest.mark.asyncio(loop_scope="session")
PAGES = (
    *("/", "/clients", "/clients?q=nobody%20at%20all", "/clients/new", "/clients/1", "/clients/1/edit"),
    *(
        "/imports",
        "/imports/2",
        "/data",
        "/data/report",
        "/models",
        "/models/1",
        "/models/league",
        "/jobs",
        "/jobs/1",
    ),
    *("/clients/duplicates", "/clients/1/erase", "/exports"),
    *("/users", "/account", "/no-such-page"),
)
LOOKS = [("pl", "light", WIDE), ("en", "dark", WIDE), ("en", "light", NARROW), ("pl", "dark", NARROW)]


async def violations(page: Page) -> list[str]:
    """What axe finds wrong, as rule and element."""
    await page.evaluate(AXE_SCRIPT)
    found = await page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{page.url} {one['id']}: {node['target']} {node['failureSummary']}"
        for one in found["violations"]
        for node in one["nodes"]
    ]


async def faults(page: Page) -> list[str]:
    """Everything that no page may have."""
    found = await violations(page)
    if await page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        found.append(f"{page.url} is wider than the screen")
    if not (await page.title()).endswith(" · salesml"):
        found.append(f"{page.url} is called {await page.title()!r}")
    return found


@pytest.mark.parametrize(("language", "scheme", "width"), LOOKS)
async def test_pages_are_for_everyone(
    open_page: OpenPage, watch: Watch, language: str, scheme: str, width: int
) -> None:
    watch.expect_status(404)
    page = await open_page(language=language, scheme=scheme, width=width, role="admin")
    found = []
    for path in PAGES:
        await page.goto(path)
        found += await faults(page)
    assert not found, "\n".join(found)


@pytest.mark.parametrize(("language", "scheme", "width"), LOOKS)
async def test_the_login_page_is_for_everyone_also_with_an_error(
    open_page: OpenPage, watch: Watch, language: str, scheme: str, width: int
) -> None:
    watch.expect_status(401)
    page = await open_page(language=language, scheme=scheme, width=width)
    await page.goto("/login")
    found = await faults(page)
    await page.locator("#email").fill("nobody@shop.example")
    await page.locator("#password").fill("not the password")
    await page.locator("main button[type=submit]").click()
    await page.get_by_role("alert").first.wait_for()
    found += await faults(page)
    assert not found, "\n".join(found)


async def test_the_menu_of_a_phone_opens_and_closes_by_keyboard(open_page: OpenPage) -> None:
    page = await open_page(width=NARROW, role="admin")
    await page.goto("/users")
    menu = page.get_by_role("navigation", name="Główne menu")
    assert not await menu.is_visible()
    await page.get_by_role("button", name="Menu").press("Enter")
    await menu.wait_for()
    assert await violations(page) == []
    await page.keyboard.press("Escape")
    await menu.wait_for(state="hidden")


async def test_a_page_transfers_less_than_200_kilobytes_at_first(open_page: OpenPage, site: Site) -> None:
    page = await open_page(role="admin")
    await page.goto("/users", wait_until="networkidle")
    sizes = await page.evaluate(
        "performance.getEntriesByType('navigation').concat(performance.getEntriesByType('resource'))"
        ".map((entry) => entry.transferSize)"
    )
    assert 20_000 < sum(sizes) < 200_000

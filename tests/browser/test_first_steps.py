"""An installation without data: every page says what to do first."""

from collections.abc import Iterator

import pytest
from playwright.async_api import expect
from tests.browser.conftest import OpenPage
from tests.support.databases import PostgresServer
from tests.support.journeys import go
from tests.support.servers import settings_of

from salesml import wiring
from salesml.settings import Settings

pytestmark = pytest.mark.asyncio(loop_scope="session")
WORDS = {
    "pl": {
        "/": "Importuj zamówienia",
        "/clients": "Nie ma jeszcze klientów",
        "/models": "Żaden model nie jest jeszcze wytrenowany",
        "/imports": "Niczego jeszcze nie zaimportowano",
        "/jobs": "Jeszcze nic",
    },
    "en": {
        "/": "Import orders",
        "/clients": "No clients yet",
        "/models": "No model is trained yet",
        "/imports": "Nothing was imported yet",
        "/jobs": "Nothing yet",
    },
}


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def shop_settings(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """No orders, no models, no scores."""
    folder = tmp_path_factory.mktemp("empty")
    url, dropped = f"sqlite:///{folder / 'empty.db'}", None
    if request.param == "postgres":
        host: PostgresServer = request.getfixturevalue("postgres_server")
        dropped = host.create()
        url = host.url_of(dropped)
    settings = settings_of(folder / "data", url)
    wiring.migrate(settings)
    yield settings
    if dropped is not None:
        host.drop(dropped)


@pytest.mark.parametrize("language", ["pl", "en"])
async def test_every_page_says_what_to_do_first(open_page: OpenPage, language: str) -> None:
    page = await open_page(language=language, role="admin")
    for path, text in WORDS[language].items():
        await go(page, path)
        await expect(page.locator("main")).to_contain_text(text)
    await go(page, "/")
    await page.locator(".step.is-next a").click()
    await expect(page.locator("#file")).to_be_visible()


@pytest.mark.parametrize("language", ["pl", "en"])
async def test_training_without_orders_says_what_is_missing(open_page: OpenPage, language: str) -> None:
    page = await open_page(language=language, role="admin")
    await go(page, "/models")
    await page.locator("form[action='/models/training'] button").click()
    missing = {"pl": "Najpierw zaimportuj zamówienia", "en": "Import orders of at least two months first"}
    await expect(page.locator(".note-warn")).to_contain_text(missing[language])

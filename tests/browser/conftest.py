"""Pages in a real Chromium, from a real server on a loopback port.

Tests are coroutines and share one browser and one event loop, so every module of them says:

    pytestmark = pytest.mark.asyncio(loop_scope="session")

`site` is a shop of 600 simulated clients,
trained and scored, of the module's own, once on each database. `page` is a fresh browser profile in Polish;
`open_page` makes others. A test fails on any error in the console, any violation of the content security
policy, any failed request and any request to another host.
"""

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from typing import Protocol

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright
from tests.support.chromium import ARGUMENTS, find_chromium
from tests.support.databases import PostgresServer
from tests.support.quick_worker import Worker, working
from tests.support.servers import settings_of
from tests.support.sites import Site, copied_shop, serving
from tests.support.watches import Watch, watched

from salesml.settings import Settings

WIDE, NARROW = 1440, 360
HEIGHT = 900


class OpenPage(Protocol):
    """Makes a page in a browser profile of its own; `role` signs it in."""

    async def __call__(
        self, *, language: str = "pl", scheme: str = "light", width: int = WIDE, role: str | None = None
    ) -> Page: ...


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def shop_settings(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """A copy of the shop, of this module's own."""
    template: tuple[Settings, str] = request.getfixturevalue(f"{request.param}_shop")
    host: PostgresServer | None = None
    if request.param == "postgres":
        host = request.getfixturevalue("postgres_server")
    with copied_shop(template, tmp_path_factory.mktemp("site"), host) as (data_dir, url):
        yield settings_of(data_dir, url)


@pytest.fixture(scope="module")
def site(shop_settings: Settings) -> Iterator[Site]:
    """The server, an administrator and an analyst."""
    with serving(shop_settings) as started:
        yield started


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    chromium = find_chromium()
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(
            executable_path=chromium.path,
            args=ARGUMENTS,
            env={**os.environ, **chromium.environment},
        )
        yield started
        await started.close()


@pytest.fixture
def watch(site: Site) -> Watch:
    """What the pages of this test did wrong so far."""
    return Watch(site.url)


@pytest_asyncio.fixture(loop_scope="session")
async def open_page(browser: Browser, site: Site, watch: Watch) -> AsyncIterator[OpenPage]:
    async with AsyncExitStack() as stack:

        async def open_one(
            *, language: str = "pl", scheme: str = "light", width: int = WIDE, role: str | None = None
        ) -> Page:
            context = await browser.new_context(
                base_url=site.url,
                locale={"pl": "pl-PL", "en": "en-GB"}[language],
                color_scheme="dark" if scheme == "dark" else "light",
                viewport={"width": width, "height": HEIGHT},
                reduced_motion="reduce",
            )
            stack.push_async_callback(context.close)
            if role is not None:
                await context.add_cookies([site.cookie_of(role)])
            return await watched(context, watch)

        yield open_one
    assert watch.problems == []


@pytest_asyncio.fixture(loop_scope="session")
async def page(open_page: OpenPage) -> Page:
    """A page in Polish, nobody signed in."""
    return await open_page()


@pytest.fixture(scope="module")
def worker(shop_settings: Settings) -> Iterator[Worker]:
    """A worker in a process of its own, for the jobs that pages ask for."""
    with working(shop_settings) as started:
        yield started

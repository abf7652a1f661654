"""Pictures of every page: `python tools/screenshots.py FOLDER [PATH ...]`.

Of the shop that the tests make up, in both languages, wide and narrow, light and dark. Give paths such as
`/clients` to take only those.
"""

import argparse
import asyncio
import os
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.async_api import Browser, async_playwright
from tests.support.chromium import ARGUMENTS, find_chromium
from tests.support.servers import fill, settings_of
from tests.support.sites import Site, serving

LOCALES = {"pl": "pl-PL", "en": "en-GB"}
SIZES = {"wide": (1440, 900), "narrow": (360, 740)}
SCHEMES = ("light", "dark")
PAGES = "/login / /clients /clients/1 /imports /models /users /account /nowhere /docs".split()
SIGNED_OUT = frozenset({"/login"})


async def take(site: Site, folder: Path, paths: list[str]) -> None:
    """One PNG for each page, language, size and scheme."""
    chromium = find_chromium()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium.path, args=ARGUMENTS, env={**os.environ, **chromium.environment}
        )
        for language, size, scheme in product(LOCALES, SIZES, SCHEMES):
            await _profile(browser, site, folder, paths, (language, size, scheme))
        await browser.close()


async def _profile(
    browser: Browser, site: Site, folder: Path, paths: list[str], look: tuple[str, str, str]
) -> None:
    language, size, scheme = look
    width, height = SIZES[size]
    context = await browser.new_context(
        base_url=site.url,
        locale=LOCALES[language],
        color_scheme="dark" if scheme == "dark" else "light",
        viewport={"width": width, "height": height},
        reduced_motion="reduce",
    )
    page = await context.new_page()
    cookie = site.cookie_of("admin")
    for path in paths:
        if path in SIGNED_OUT:
            await context.clear_cookies()
        else:
            await context.add_cookies([cookie])
        await page.goto(path, wait_until="networkidle")
        name = path.strip("/").replace("/", "-").replace("?", "-") or "dashboard"
        await page.screenshot(path=folder / f"{name}-{language}-{size}-{scheme}.png", full_page=True)
    await context.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("paths", nargs="*")
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as made:
        settings = settings_of(Path(made) / "data", f"sqlite:///{made}/shop.db")
        fill(settings, Path(made) / "files")
        with serving(settings) as site:
            asyncio.run(take(site, chosen.folder, chosen.paths or PAGES))


if __name__ == "__main__":
    main()

"""What several tests of pages do in the same way."""

import re

from playwright.async_api import Page, Response, expect

JOB_S = 60_000.0
"""How long a job may take on a busy machine, in milliseconds."""


async def go(page: Page, path: str) -> Response:
    """Open a page, which must answer well."""
    answer = await page.goto(path)
    assert answer is not None
    assert answer.ok, answer.status
    return answer


async def text_of(page: Page, selector: str) -> str:
    """The text of an element with plain spaces, as people see it."""
    return re.sub(r"\s+", " ", await page.locator(selector).first.inner_text()).strip()


async def stays(page: Page) -> None:
    """Mark this document, so that `has_stayed` can tell whether the browser has loaded another one."""
    await page.evaluate("window.marked = true")


async def has_stayed(page: Page) -> bool:
    return bool(await page.evaluate("window.marked === true"))


async def follow_job(page: Page, end: str) -> None:
    """Wait on a page that shows the progress of a job until the browser has gone on to an address."""
    await expect(page).to_have_url(re.compile(end), timeout=JOB_S)

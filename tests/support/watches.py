"""Watching what pages in a browser do wrong."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.async_api import BrowserContext, ConsoleMessage, Page, Request

_REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`content security policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
"""
_ABORTED = "net::ERR_ABORTED"
_REPLACED = ("htmx:afterRequest", "htmx:sendAbort")
"""What htmx says when a later request takes the place of one under way; of one that failed it says
htmx:sendError or htmx:timeout as well."""


@dataclass
class Watch:
    """`problems` grows with everything that no page of ours may do."""

    url: str
    problems: list[str] = field(default_factory=list)
    _expected: set[int] = field(default_factory=set)

    def expect_status(self, *statuses: int) -> None:
        """The test provokes answers of these statuses, which Chromium notes in its console."""
        self._expected |= set(statuses)

    def console(self, message: ConsoleMessage) -> None:
        expected = any(f"status of {status}" in message.text for status in self._expected)
        replaced = message.text.startswith(_REPLACED)
        if message.type in ("error", "warning") and not expected and not replaced:
            self.problems.append(f"{message.type}: {message.text} ({message.location})")

    def request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.netloc != urlsplit(self.url).netloc:
            self.problems.append(f"request to another host: {request.url}")

    def failed(self, request: Request) -> None:
        # A request that the page itself gave up, as by going elsewhere, is no failure.
        if request.failure != _ABORTED:
            self.problems.append(f"request failed: {request.url} {request.failure}")

    def raised(self, error: object) -> None:
        self.problems.append(f"page error: {error}")


async def watched(context: BrowserContext, watch: Watch) -> Page:
    """A page of the context, every step of which is watched."""
    await context.add_init_script(_REPORT_VIOLATIONS)
    context.on("request", watch.request)
    context.on("requestfailed", watch.failed)
    context.on("console", watch.console)
    context.on("weberror", lambda error: watch.raised(error.error))
    return await context.new_page()

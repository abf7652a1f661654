"""Pure ASGI middleware around every answer."""

import re
from collections.abc import Sequence
from time import perf_counter

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from salesml.http.problems import problem, unexpected
from salesml.http.routes import method_of, route_of

log = structlog.get_logger("salesml.request")

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_HSTS = "max-age=31536000"
_HEALTH = frozenset({"/healthz", "/readyz"})
_PORT = re.compile(r":\d*$")
_SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


class RequestLog:
    """One structured line for each request, and an answer where an error got through everything."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, status = perf_counter(), 0

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception as error:
            log.exception("request raised")
            if status:
                raise
            await (await _answer(scope, error))(scope, receive, watched)
        finally:
            _log_line(scope, status, perf_counter() - begun)


async def _answer(scope: Scope, error: Exception) -> Response:
    """A page where pages are, a problem document elsewhere."""
    handler = scope["app"].exception_handlers.get(Exception)
    if handler is not None:
        try:
            response: Response = await handler(Request(scope), error)
        except Exception:
            log.exception("no page for the error")
        else:
            return response
    return unexpected()


def _log_line(scope: Scope, status: int, seconds: float) -> None:
    """Without path, query and headers: they may hold personal data and secrets."""
    log.info(
        "request",
        method=method_of(scope),
        route=route_of(scope),
        status=status,
        ms=round(seconds * 1000, 2),
        user=scope.get("state", {}).get("user_id"),
    )


class SecurityHeaders:
    """The same protective headers on every answer, errors included."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def protected(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
                if scope["scheme"] == "https":
                    headers["Strict-Transport-Security"] = _HSTS
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, protected)


class SameOriginOnly:
    """Refuses what another site makes a browser send; what is no browser passes.

    Sec-Fetch-Site, or where a browser is too old for it, Origin against Host: as Go's
    net/http CrossOriginProtection does.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in _SAFE and _is_foreign(Headers(scope=scope)):
            answer = problem(403, "cross_site", "this request was made by a page of another site")
            await answer(scope, receive, send)
            return
        await self._app(scope, receive, send)


class AllowedHosts:
    """Refuses a request by a name that is not the server's: so no other site's name can be made to lead
    here (DNS rebinding). Health checks come by address, and tell nothing.

    `names` are host names without ports; `*.example.com` means every name below it.
    """

    def __init__(self, app: ASGIApp, names: Sequence[str]) -> None:
        self._app = app
        self._names = frozenset(name.lower() for name in names if not name.startswith("*."))
        self._endings = tuple(name[1:].lower() for name in names if name.startswith("*."))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] not in _HEALTH and not self._is_known(scope):
            answer = problem(400, "host_not_allowed", "this server does not go by the name it was asked by")
            await answer(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _is_known(self, scope: Scope) -> bool:
        host = Headers(scope=scope).get("host", "").lower()
        name = _PORT.sub("", host)
        return name in self._names or name.endswith(self._endings or ("\0",))


def _is_foreign(headers: Headers) -> bool:
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin, host = headers.get("origin"), headers.get("host")
    return origin is not None and origin not in (f"https://{host}", f"http://{host}")

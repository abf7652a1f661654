"""Errors as pages: what went wrong, in words for the person who looks at it, and a way on."""

from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import cast

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse

from salesml.core.errors import SalesmlError
from salesml.http.documents import STATUS
from salesml.http.problems import unexpected
from salesml.web import visits
from salesml.web.i18n import N_
from salesml.web.templating import render

log = structlog.get_logger(__name__)
Handler = Callable[[Request, Exception], Awaitable[Response]]

NOT_PAGES = ("/api/", "/docs", "/healthz", "/metrics", "/openapi.json", "/readyz", "/static/")
TEXTS: Mapping[int, tuple[str, str]] = {
    403: (
        N_("This page is not for you"),
        N_("Your account may not open it. An administrator can change your role."),
    ),
    404: (
        N_("There is no such page"),
        N_("The address is wrong, or what it showed was deleted."),
    ),
    405: (
        N_("That does not work here"),
        N_("The page was asked for in a way that it does not know."),
    ),
    409: (
        N_("That is not possible now"),
        N_("Something else was changed in the meantime. Go back, load the page again and retry."),
    ),
    413: (
        N_("That is too large"),
        N_("The server does not take so much at once."),
    ),
    422: (
        N_("The page did not understand that"),
        N_("The address or the form holds a value that is not allowed."),
    ),
    500: (
        N_("Something went wrong"),
        N_("It is our fault, not yours, and it was written down. Try again in a moment."),
    ),
    503: (
        N_("Not ready at the moment"),
        N_("The database does not answer. Try again in a moment."),
    ),
}
"""Title and text by status; another status takes those of its hundred."""


def install_failures(server: FastAPI) -> None:
    """Answer errors by pages where pages are; everywhere else as before."""
    for kind in (SalesmlError, RequestValidationError, HTTPException, Exception):
        before = cast("Handler | None", server.exception_handlers.get(kind))
        server.add_exception_handler(kind, _choosing(before or _unexpected))
    server.add_exception_handler(visits.SignInNeeded, _sign_in)


def _choosing(otherwise: Handler) -> Handler:
    async def handle(request: Request, error: Exception) -> Response:
        if is_page(request.url.path):
            return await failure(request, status_of(error))
        return await otherwise(request, error)

    return handle


def is_page(path: str) -> bool:
    return not path.startswith(NOT_PAGES)


def status_of(error: Exception) -> int:
    """The status of a page that shows an error; what is unexpected is a 500."""
    if isinstance(error, SalesmlError):
        return int(STATUS[next(kind for kind in type(error).__mro__ if kind in STATUS)])
    if isinstance(error, RequestValidationError):
        return HTTPStatus.UNPROCESSABLE_ENTITY
    return error.status_code if isinstance(error, HTTPException) else HTTPStatus.INTERNAL_SERVER_ERROR


async def failure(request: Request, status: int) -> Response:
    """A page that says what went wrong, within the frame of the other pages if somebody is signed in."""
    title, text = TEXTS.get(status) or TEXTS[500 if status >= 500 else 422]
    visit = await _visit(request) if status < HTTPStatus.INTERNAL_SERVER_ERROR else None
    if visit is not None:
        return visit.page("errors/error.html", status=status, title=title, text=text, status_code=status)
    code = visits.language_of(request, None).code
    values = {"title": title, "text": text, "status_code": status, "user": None}
    return HTMLResponse(render("errors/error.html", code, **values), status)


async def _visit(request: Request) -> visits.Visit | None:
    """None when even that cannot be found out."""
    try:
        return await visits.guest(request)
    except SalesmlError as error:
        log.warning("no session for an error page", code=error.code)
        return None


async def _sign_in(request: Request, _: Exception) -> Response:
    return visits.sign_in_first(request)


async def _unexpected(_: Request, __: Exception) -> Response:
    return unexpected()

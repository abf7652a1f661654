"""Signing in and out."""

from http import HTTPStatus
from math import ceil
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import Response

from salesml.core.errors import LoginRefused, TooManyAttempts
from salesml.http import sessions
from salesml.http.login import log_in
from salesml.web.i18n import Language
from salesml.web.visits import Guest, Visit, local

router = APIRouter(include_in_schema=False)
Text = Annotated[str, Form()]
_SECONDS_PER_MINUTE = 60


@router.get("/login")
async def show(visit: Guest, next: str = "/") -> Response:  # noqa: A002 - the field's name
    """The form; whoever is signed in already goes on."""
    return visit.go(next) if visit.user else _form(visit, wanted=next)


@router.post("/login")
async def sign_in(
    visit: Guest,
    email: Text = "",
    password: Text = "",
    next: Text = "/",  # noqa: A002 - the field's name
) -> Response:
    """Begin a session, or show what was typed again with what is wrong; the password must be typed anew."""
    try:
        user = await log_in(visit.request, email=email, password=password)
    except LoginRefused:
        return _form(visit, HTTPStatus.UNAUTHORIZED, wanted=next, email=email, error=_refused(visit.language))
    except TooManyAttempts as error:
        text = _wait(visit.language, error.retry_after_s)
        answer = _form(visit, HTTPStatus.TOO_MANY_REQUESTS, wanted=next, email=email, error=text)
        answer.headers["Retry-After"] = str(error.retry_after_s)
        return answer
    response = visit.go(next)
    await sessions.begin(visit.request, response, user)
    return response


@router.post("/logout")
async def sign_out(visit: Guest) -> Response:
    """End the session, on the server too."""
    response = visit.go("/login", "signed_out")
    await sessions.end(visit.request, response)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def _form(
    visit: Visit,
    status: HTTPStatus = HTTPStatus.OK,
    *,
    wanted: str,
    email: str = "",
    error: str | None = None,
) -> Response:
    unencrypted = visit.is_secure and visit.request.url.scheme != "https"
    return visit.page(
        "login/login.html",
        status=status,
        wanted=local(wanted),
        email=email,
        error=error,
        unencrypted=unencrypted,
    )


def _refused(language: Language) -> str:
    return language.gettext(
        "The e-mail address or the password is wrong, or the account was disabled. An administrator can help."
    )


def _wait(language: Language, seconds: int) -> str:
    minutes = max(1, ceil(seconds / _SECONDS_PER_MINUTE))
    return language.ngettext(
        "Too many attempts. Try again in %(num)s minute.",
        "Too many attempts. Try again in %(num)s minutes.",
        minutes,
    )

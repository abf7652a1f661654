"""Switching the language, for everybody."""

from typing import Annotated, Literal

from fastapi import APIRouter, Form
from starlette.responses import Response

from salesml.services import accounts
from salesml.web.visits import LANGUAGE_COOKIE, Guest

_YEAR_S = 365 * 86_400
router = APIRouter(include_in_schema=False)


@router.post("/language")
async def set_language(
    visit: Guest,
    language: Annotated[Literal["pl", "en"], Form()],
    next: Annotated[str, Form()] = "/",  # noqa: A002 - the field's name
) -> Response:
    """Remember the choice for this browser and, of a user, everywhere."""
    if visit.user is not None:
        await visit.tx.run(accounts.set_language, user_id=visit.user.id, language=language)
    response = visit.go(next)
    response.set_cookie(
        LANGUAGE_COOKIE, language, max_age=_YEAR_S, httponly=True, samesite="lax", secure=visit.is_secure
    )
    return response

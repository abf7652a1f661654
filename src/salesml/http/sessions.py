"""The cookie of a browser's session.

HttpOnly, SameSite=Lax, and Secure with the `__Host-` prefix, except where the browser speaks plain HTTP to
its own machine: no certificate is needed there, and a Secure cookie would be dropped.
"""

import ipaddress
from datetime import UTC, datetime
from typing import Literal, TypedDict

from fastapi import Request, Response

from salesml.core.sessions import ABSOLUTE
from salesml.core.users import User
from salesml.http.state import state_of
from salesml.services import auth

NAME = "salesml_session"
SECURE_NAME = f"__Host-{NAME}"


class _Flags(TypedDict):
    path: str
    httponly: bool
    samesite: Literal["lax"]
    secure: bool


async def current_user(request: Request) -> User | None:
    """Who is logged in in this browser; notes, at most once a minute, that the session was used."""
    secret = secret_of(request)
    if secret is None:
        return None
    state, now = state_of(request), datetime.now(UTC)
    found = await state.tx.read(auth.find_session, secret, now)
    if found is None:
        return None
    session, user = found
    if auth.needs_touch(session, now):
        await state.tx.run(auth.touch_session, session, now)
    request.state.user_id = user.id
    return user


async def begin(request: Request, response: Response, user: User) -> None:
    """Log this browser in under a new session; the one that it had before ends."""
    tx, now = state_of(request).tx, datetime.now(UTC)
    if (old := secret_of(request)) is not None:
        await tx.run(auth.close_session, old)
    secret = await tx.run(auth.open_session, user.id, now)
    response.set_cookie(_name(request), secret, max_age=int(ABSOLUTE.total_seconds()), **_flags(request))


async def end(request: Request, response: Response) -> None:
    """Log this browser out: the session is gone, and so is the cookie."""
    if (secret := secret_of(request)) is not None:
        await state_of(request).tx.run(auth.close_session, secret)
    response.delete_cookie(_name(request), **_flags(request))


def secret_of(request: Request) -> str | None:
    """What the browser's cookie carries."""
    return request.cookies.get(_name(request))


def _name(request: Request) -> str:
    return NAME if is_plain_loopback(request) else SECURE_NAME


def _flags(request: Request) -> _Flags:
    return _Flags(path="/", httponly=True, samesite="lax", secure=not is_plain_loopback(request))


def is_plain_loopback(request: Request) -> bool:
    """Whether the browser speaks plain HTTP to its own machine."""
    if request.url.scheme == "https":
        return False
    try:
        host = request.url.hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

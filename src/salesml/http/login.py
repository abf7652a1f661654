"""Logging in by e-mail address and password, the same for scripts and browsers."""

from datetime import UTC, datetime

from fastapi import Request

from salesml.core.users import User
from salesml.http.state import state_of
from salesml.services import auth


async def log_in(request: Request, *, email: str, password: str) -> User:
    """Who that is.

    Raises LoginRefused, in the same words and after about the same time for an unknown address, a user
    who was shut out and a wrong password; TooManyAttempts.
    """
    state, address = state_of(request), address_of(request)
    known = await state.tx.run(auth.begin_login, email=email, address=address, now=datetime.now(UTC))
    user, hashed = known or (None, None)
    # A password longer than any that can be set is not worth its CPU.
    good = await state.passwords.verify(password, hashed) if auth.may_be_password(password) else False
    now = datetime.now(UTC)
    if user is None or hashed is None or not good:
        raise await state.tx.run(auth.login_failed, user=user, address=address, now=now)
    better = await state.passwords.rehash(password, hashed)
    await state.tx.run(auth.login_succeeded, user=user, address=address, now=now, better_hash=better)
    return user


def address_of(request: Request) -> str:
    """Where a request came from; the proxy in front counts only if the settings trust it."""
    return request.client.host if request.client else "unknown"

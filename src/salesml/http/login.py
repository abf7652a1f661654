"""Logging in by e-mail address and password, the same for scripts and browsers."""

from datetime import UTC, datetime

from salesml.core.users import User
from salesml.http.state import HttpState
from salesml.services import auth


async def log_in(state: HttpState, *, email: str, password: str, address: str) -> User:
    """Who that is; `address` is where the request came from.

    Raises LoginRefused, in the same words and after about the same time for an unknown address, a user
    who was shut out and a wrong password; TooManyAttempts.
    """
    known = await state.tx.read(auth.credentials, email)
    hashed = known[1] if known else None
    good = auth.may_be_password(password) and await state.passwords.verify(password, hashed)
    if known is None or not good:
        raise auth.refused()
    user, current = known
    better = await state.passwords.rehash(password, current)
    await state.tx.run(auth.note_login, user=user, address=address, now=datetime.now(UTC), better_hash=better)
    return user

"""Hashing passwords beside the event loop, one at a time.

One argon2 hash takes 64 MiB and 0.1 s of CPU: without this, a burst of logins would stop every other
request.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from typing import TypeVar

from salesml.core.errors import TooManyAttempts
from salesml.core.sessions import new_secret
from salesml.services.passwords import hash_password, needs_rehash, verify_password

MOST_WAITING = 32
RETRY_AFTER_S = 5
T = TypeVar("T")


@cache
def _decoy() -> str:
    """A hash for users who do not exist, so that nobody tells them apart by the time an answer takes."""
    return hash_password(new_secret())


class PasswordThread:
    """One thread, and so a semaphore of one. Raises TooManyAttempts when too many wait for it."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="salesml-password")
        self._waiting = 0
        self._pool.submit(_decoy)

    async def hash(self, password: str) -> str:
        return await self._run(partial(hash_password, password))

    async def verify(self, password: str, hashed: str | None) -> bool:
        """Whether the password is the one that was hashed; None takes as long and answers False."""
        return await self._run(partial(self._verify, password, hashed))

    async def rehash(self, password: str, hashed: str) -> str | None:
        """A new hash when the old one has other costs than today's."""
        return await self.hash(password) if needs_rehash(hashed) else None

    def close(self) -> None:
        self._pool.shutdown()

    def _verify(self, password: str, hashed: str | None) -> bool:
        if hashed is not None:
            return verify_password(password, hashed)
        verify_password(password, _decoy())
        return False

    async def _run(self, call: Callable[[], T]) -> T:
        if self._waiting >= MOST_WAITING:
            raise TooManyAttempts("too many logins at once; try again", retry_after_s=RETRY_AFTER_S)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, call)
        finally:
            self._waiting -= 1

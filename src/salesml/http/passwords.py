"""Hashing passwords beside the event loop, one at a time.

One argon2 hash takes 64 MiB and 0.1 s of CPU: without this, a burst of logins would stop every other
request.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from salesml.services.passwords import hash_password, needs_rehash, verify_password

T = TypeVar("T")


class PasswordThread:
    """One thread, and so a semaphore of one."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="salesml-password")
        self._decoy: str | None = None

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
        if self._decoy is None:
            self._decoy = hash_password("nobody has this password")
        return verify_password(password, self._decoy) and False

    async def _run(self, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, call)

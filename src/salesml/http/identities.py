"""Who the bearer of an access token is, without SQL for every request."""

from collections.abc import Callable
from datetime import UTC, datetime
from time import monotonic

from salesml.services import auth
from salesml.services.auth import Identity
from salesml.services.ports.unit_of_work import AsyncTransactions

KEPT_S = 5.0
"""How long another process may go on answering somebody who was shut out in this one."""


class Identities:
    """Users by id, each at most five seconds old."""

    def __init__(self, tx: AsyncTransactions, *, clock: Callable[[], float] = monotonic) -> None:
        self._tx, self._clock = tx, clock
        self._known: dict[int, tuple[float, Identity | None]] = {}
        self._changes = 0

    async def get(self, user_id: int) -> Identity | None:
        """None for a user who is gone or shut out."""
        kept = self._known.get(user_id)
        if kept is not None and self._clock() < kept[0]:
            return kept[1]
        asked, changes = self._clock(), self._changes
        found = await self._tx.read(auth.identity, user_id, datetime.now(UTC))
        if changes == self._changes:  # else it may have been read before a change that counts at once
            self._known[user_id] = (asked + KEPT_S, found)
        return found

    def forget(self, user_id: int) -> None:
        """Ask anew at the next request: what was changed here counts at once here."""
        self._changes += 1
        self._known.pop(user_id, None)

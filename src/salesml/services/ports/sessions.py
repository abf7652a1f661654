"""Sessions of browsers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from salesml.core.sessions import Session


class SessionRepository(Protocol):
    def add(self, session: Session) -> None: ...

    def find(self, digest: bytes) -> Session | None: ...

    def of_user(self, user_id: int) -> Sequence[Session]:
        """The newest first."""

    def touch(self, digest: bytes, seen_at: datetime) -> None:
        """Move `seen_at`; a session that is gone is no error."""

    def remove(self, digest: bytes) -> None:
        """A session that is gone is no error."""

    def remove_of_user(self, user_id: int) -> None: ...

    def remove_over(self, *, seen_before: datetime, now: datetime) -> None:
        """Delete sessions that were last seen before, or have expired."""

"""Counts of logins that failed."""

from datetime import datetime
from typing import Protocol

from salesml.core.login_attempts import Attempts


class LoginAttemptRepository(Protocol):
    def count(self, key: bytes, *, now: datetime, begun_before: datetime) -> Attempts:
        """Add one, and answer the count with it; one that began before that time starts anew."""

    def take_back(self, key: bytes) -> None:
        """Subtract one."""

    def remove(self, key: bytes) -> None: ...

    def remove_before(self, since: datetime) -> None:
        """Delete counts that began before."""

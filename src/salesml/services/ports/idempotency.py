"""Answers that a repeated request gets again."""

from datetime import datetime
from typing import Protocol

from salesml.core.idempotency import KeptAnswer, KeyedRequest


class IdempotencyRepository(Protocol):
    def claim(self, asked: KeyedRequest) -> None:
        """Keep others from working under this key before this transaction ends. Raises RequestInWork
        when one does so now."""

    def find(self, asked: KeyedRequest) -> KeptAnswer | None:
        """What was answered under the key, whatever was sent."""

    def keep(self, asked: KeyedRequest, status: int, document: dict[str, object], now: datetime) -> None: ...

    def forget(self, before: datetime) -> None:
        """Drop answers that were given before that time."""

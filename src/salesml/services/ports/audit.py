"""The audit trail; it is only ever appended to."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from salesml.core.audit import AuditEvent


class AuditRepository(Protocol):
    def add(
        self, *, at: datetime, actor: str, action: str, subject: str, detail: dict[str, object]
    ) -> None: ...

    def latest(self, limit: int = 100, before_id: int | None = None) -> Sequence[AuditEvent]:
        """The newest first; with ids below `before_id`."""

"""Who did what."""

from datetime import datetime
from typing import Any

from salesml.core.audit import AuditEvent
from salesml.http.schemas.base import Out


class AuditEventOut(Out):
    id: str
    at: datetime
    actor: str
    action: str
    subject: str
    detail: dict[str, Any]

    @staticmethod
    def of(event: AuditEvent) -> "AuditEventOut":
        return AuditEventOut.model_validate({**vars(event), "id": str(event.id)})


class AuditPage(Out):
    items: list[AuditEventOut]
    next_cursor: str | None

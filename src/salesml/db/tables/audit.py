"""The audit trail."""

from datetime import datetime
from typing import Any

from sqlmodel import Field

from salesml.db.tables.base import Row
from salesml.db.types import BigId, Instant, Json


class AuditEventRow(Row, table=True):
    __tablename__ = "audit_events"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    at: datetime = Field(sa_type=Instant, index=True)
    actor: str
    action: str
    subject: str
    detail: dict[str, Any] = Field(sa_type=Json)

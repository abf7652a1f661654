"""The audit trail; it is only ever appended to."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session
from sqlmodel import col

from salesml.core.audit import AuditEvent
from salesml.db.tables import AuditEventRow


class SqlAuditRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, *, at: datetime, actor: str, action: str, subject: str, detail: dict[str, object]) -> None:
        self._session.execute(
            insert(AuditEventRow).values(at=at, actor=actor, action=action, subject=subject, detail=detail)
        )

    def latest(self, limit: int = 100) -> Sequence[AuditEvent]:
        """The newest first."""
        rows = self._session.execute(
            select(*AuditEventRow.__table__.columns).order_by(col(AuditEventRow.id).desc()).limit(limit)
        )
        return [AuditEvent(**row) for row in rows.mappings()]

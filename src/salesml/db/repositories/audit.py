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

    def latest(self, limit: int = 100, before_id: int | None = None) -> Sequence[AuditEvent]:
        """The newest first; with ids below `before_id`."""
        query = select(*AuditEventRow.__table__.columns).order_by(col(AuditEventRow.id).desc()).limit(limit)
        if before_id is not None:
            query = query.where(col(AuditEventRow.id) < before_id)
        return [AuditEvent(**row) for row in self._session.execute(query).mappings()]

"""Sessions of browsers."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.orm import Session as Connection
from sqlmodel import col

from salesml.core.sessions import Session
from salesml.db.tables import SessionRow


class SqlSessionRepository:
    def __init__(self, session: Connection) -> None:
        self._session = session

    def add(self, session: Session) -> None:
        self._session.execute(insert(SessionRow).values(vars(session)))

    def find(self, digest: bytes) -> Session | None:
        found = _SESSIONS.where(col(SessionRow.digest) == digest)
        row = self._session.execute(found).mappings().first()
        return None if row is None else Session(**row)

    def of_user(self, user_id: int) -> Sequence[Session]:
        """The newest first."""
        found = _SESSIONS.where(col(SessionRow.user_id) == user_id)
        rows = self._session.execute(
            found.order_by(col(SessionRow.created_at).desc(), col(SessionRow.digest))
        )
        return [Session(**row) for row in rows.mappings()]

    def touch(self, digest: bytes, seen_at: datetime) -> None:
        self._session.execute(
            update(SessionRow).where(col(SessionRow.digest) == digest).values(seen_at=seen_at)
        )

    def remove(self, digest: bytes) -> None:
        self._session.execute(delete(SessionRow).where(col(SessionRow.digest) == digest))

    def remove_of_user(self, user_id: int) -> None:
        self._session.execute(delete(SessionRow).where(col(SessionRow.user_id) == user_id))

    def remove_over(self, *, seen_before: datetime, now: datetime) -> None:
        over = or_(col(SessionRow.seen_at) < seen_before, col(SessionRow.expires_at) <= now)
        self._session.execute(delete(SessionRow).where(over))


_SESSIONS = select(*SessionRow.__table__.columns)

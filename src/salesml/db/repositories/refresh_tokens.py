"""Refresh tokens of scripts."""

from datetime import datetime

from sqlalchemy import ColumnElement, delete, insert, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from salesml.core.sessions import RefreshToken
from salesml.db.tables import RefreshTokenRow


class SqlRefreshTokenRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, token: RefreshToken) -> None:
        self._session.execute(insert(RefreshTokenRow).values(vars(token)))

    def find(self, digest: bytes) -> RefreshToken | None:
        found = select(*RefreshTokenRow.__table__.columns).where(col(RefreshTokenRow.digest) == digest)
        row = self._session.execute(found).mappings().first()
        return None if row is None else RefreshToken(**row)

    def use(self, digest: bytes, now: datetime) -> bool:
        """Mark it used; False when it was used or revoked already, also by somebody at the same moment."""
        fresh = (
            update(RefreshTokenRow)
            .where(col(RefreshTokenRow.digest) == digest)
            .where(col(RefreshTokenRow.used_at).is_(None), col(RefreshTokenRow.revoked_at).is_(None))
            .values(used_at=now)
        )
        return self._session.execute(fresh.returning(col(RefreshTokenRow.digest))).first() is not None

    def revoke_family(self, family: str, now: datetime) -> None:
        self._revoke(col(RefreshTokenRow.family) == family, now)

    def revoke_of_user(self, user_id: int, now: datetime) -> None:
        self._revoke(col(RefreshTokenRow.user_id) == user_id, now)

    def revoked_families(self, user_id: int, since: datetime) -> frozenset[str]:
        """Families of the user that were revoked at or after `since`."""
        found = (
            select(col(RefreshTokenRow.family))
            .where(col(RefreshTokenRow.user_id) == user_id, col(RefreshTokenRow.revoked_at) >= since)
            .distinct()
        )
        return frozenset(self._session.execute(found).scalars())

    def remove_expired(self, before: datetime) -> None:
        self._session.execute(delete(RefreshTokenRow).where(col(RefreshTokenRow.expires_at) < before))

    def _revoke(self, which: ColumnElement[bool], now: datetime) -> None:
        alive = which & col(RefreshTokenRow.revoked_at).is_(None)
        self._session.execute(update(RefreshTokenRow).where(alive).values(revoked_at=now))

"""Logged-in browsers and scripts. Only digests of what they carry are kept."""

from datetime import datetime

from sqlalchemy import LargeBinary
from sqlmodel import Field

from salesml.db.tables.base import Row
from salesml.db.types import BigId, Instant


class SessionRow(Row, table=True):
    """A browser's session; `seen_at` moves with use, `expires_at` does not."""

    __tablename__ = "sessions"

    digest: bytes = Field(primary_key=True, sa_type=LargeBinary)
    user_id: int = Field(sa_type=BigId, foreign_key="users.id", index=True)
    created_at: datetime = Field(sa_type=Instant)
    seen_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)


class RefreshTokenRow(Row, table=True):
    """A script's refresh token; using one twice ends its whole family."""

    __tablename__ = "refresh_tokens"

    digest: bytes = Field(primary_key=True, sa_type=LargeBinary)
    family: str = Field(index=True)
    user_id: int = Field(sa_type=BigId, foreign_key="users.id", index=True)
    issued_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
    used_at: datetime | None = Field(default=None, sa_type=Instant)
    revoked_at: datetime | None = Field(default=None, sa_type=Instant)

"""Answers that a repeated request gets again."""

from datetime import datetime
from typing import Any

from sqlalchemy import LargeBinary
from sqlmodel import Field

from salesml.db.tables.base import Row
from salesml.db.types import BigId, Instant, Json


class IdempotencyKeyRow(Row, table=True):
    """`request` is a digest of what was sent under the key, `answer` what was answered."""

    __tablename__ = "idempotency_keys"

    user_id: int = Field(primary_key=True, sa_type=BigId, foreign_key="users.id")
    key: str = Field(primary_key=True)
    request: bytes = Field(sa_type=LargeBinary)
    status: int
    answer: dict[str, Any] = Field(sa_type=Json)
    created_at: datetime = Field(sa_type=Instant, index=True)

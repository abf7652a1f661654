"""Users."""

from datetime import datetime

from sqlmodel import Field

from salesml.db.tables.base import Row
from salesml.db.types import BigId, Instant


class UserRow(Row, table=True):
    __tablename__ = "users"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    email: str = Field(unique=True)
    role: str
    password_hash: str
    is_active: bool
    created_at: datetime = Field(sa_type=Instant)

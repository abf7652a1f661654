"""Users."""

from datetime import datetime

from sqlmodel import Field

from salesml.db.tables.base import Row
from salesml.db.types import BigId, Instant


class UserRow(Row, table=True):
    """`revision` grows with every change of role, password or activity, and ends older tokens."""

    __tablename__ = "users"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    email: str = Field(unique=True)
    role: str
    password_hash: str
    is_active: bool
    language: str | None = None
    revision: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
    created_at: datetime = Field(sa_type=Instant)

"""Ways to read a shop's files, kept under a name."""

from datetime import datetime
from typing import Any

from sqlmodel import Field

from salesml.db.tables.base import Row
from salesml.db.types import Instant, Json


class MappingRow(Row, table=True):
    __tablename__ = "mappings"

    name: str = Field(primary_key=True)
    kind: str
    options: dict[str, Any] = Field(sa_type=Json)
    created_at: datetime = Field(sa_type=Instant)
    created_by: str

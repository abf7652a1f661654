"""Figures that pages read instead of computing them."""

from datetime import datetime
from typing import Any

from sqlmodel import Field

from salesml.db.tables.base import Row
from salesml.db.types import Instant, Json


class SummaryRow(Row, table=True):
    __tablename__ = "summaries"

    name: str = Field(primary_key=True)
    value: dict[str, Any] = Field(sa_type=Json)
    computed_at: datetime = Field(sa_type=Instant)

"""How far a foreign database has been read."""

from datetime import datetime

from sqlmodel import Field

from salesml.db.tables.base import Row
from salesml.db.types import Instant


class WatermarkRow(Row, table=True):
    """`value` is the largest one of the watermark column that was imported, as text."""

    __tablename__ = "watermarks"

    key: str = Field(primary_key=True)
    value: str
    updated_at: datetime = Field(sa_type=Instant)

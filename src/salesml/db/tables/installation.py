"""The one row that says what this installation is."""

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from salesml.db.tables.base import Row
from salesml.db.types import Instant


class InstallationRow(Row, table=True):
    __tablename__ = "installation"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: int = Field(default=1, primary_key=True)
    installation_id: str
    currency: str
    timezone: str
    simulated: bool
    threshold: float
    created_at: datetime = Field(sa_type=Instant)

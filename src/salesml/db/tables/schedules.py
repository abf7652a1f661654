"""Work that recurs, and when it was last made a job."""

from datetime import datetime
from typing import Any

from sqlmodel import Field

from salesml.db.tables.base import Row
from salesml.db.types import Instant, Json


class ScheduleRow(Row, table=True):
    """`cron` is read in the business time zone; `args` are those of the job."""

    __tablename__ = "schedules"

    name: str = Field(primary_key=True)
    cron: str
    kind: str
    args: dict[str, Any] = Field(sa_type=Json)
    is_active: bool
    created_at: datetime = Field(sa_type=Instant)
    created_by: str


class CronFiringRow(Row, table=True):
    """One firing of a schedule; the key `cron:<name>:<utc time>` makes it unique for good."""

    __tablename__ = "cron_firings"

    key: str = Field(primary_key=True)
    fired_at: datetime = Field(sa_type=Instant)

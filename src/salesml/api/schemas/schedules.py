"""Work that recurs."""

from datetime import datetime
from typing import Any

from pydantic import Field

from salesml.core.jobs import JobKind
from salesml.core.schedules import Schedule
from salesml.http.schemas.base import In, Out


class ScheduleIn(In):
    """`cron` has the five fields of crontab(5), read in the business time zone."""

    cron: str = Field(max_length=200, examples=["30 3 * * *"])
    kind: JobKind = Field(examples=["scoring"])
    args: dict[str, str | None] = Field(
        default_factory=dict,
        description="of a training: `targets` (sales, purchase or both with a space) and `estimator`; of an "
        "import: `from` (a name of SALESML_SOURCES), `query`, `kind` (orders, clients or activity), and if "
        "wanted `source`, `watermark`, `since` (where its first run begins) and `update` (true)",
        examples=[{}],
    )


class ScheduleOut(Out):
    name: str
    cron: str
    kind: JobKind
    args: dict[str, Any]
    is_active: bool
    created_at: datetime
    created_by: str

    @staticmethod
    def of(schedule: Schedule) -> "ScheduleOut":
        return ScheduleOut.model_validate(schedule)


class SchedulesOut(Out):
    """All of them, by name."""

    items: list[ScheduleOut]
    next_cursor: None = None
    total: int

"""Work that recurs."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from salesml.core.errors import InvalidValue
from salesml.core.jobs import JobKind

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """`cron` has the five fields of crontab(5), read in the business time zone; `args` are those of the
    job, which takes its as-of date from the day of its firing."""

    name: str
    cron: str
    kind: JobKind
    args: Mapping[str, object]
    is_active: bool = True
    created_at: datetime
    created_by: str

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise InvalidValue("name", "must have 1 to 64 small letters, digits, dashes and underscores")


@dataclass(frozen=True, kw_only=True)
class Firing:
    """One time at which a schedule is due."""

    schedule: Schedule
    at: datetime

    @property
    def key(self) -> str:
        """Unique for good: `cron:<name>:<utc time>`."""
        return f"cron:{self.schedule.name}:{self.at.astimezone(UTC):%Y-%m-%dT%H:%MZ}"

"""Days as integers, instants as epoch seconds, and the business time zone between them.

An epoch day counts from 1970-01-01 = 0; an instant is whole seconds since then in UTC.
"""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from salesml.core.errors import InvalidValue

EPOCH = date(1970, 1, 1)
DAYS_PER_MONTH = 30.4375
SECONDS_PER_DAY = 86_400
FIRST_DAY = (date(1970, 1, 1) - EPOCH).days
"""Earlier dates are typing errors or empty fields of a spreadsheet, not orders."""


def epoch_day(day: date) -> int:
    return (day - EPOCH).days


def date_of(day: int) -> date:
    return EPOCH + timedelta(days=day)


def parse_day(text: str, field: str = "as_of") -> int:
    """Epoch day of an ISO date; raises InvalidValue naming the field."""
    try:
        return epoch_day(date.fromisoformat(text))
    except ValueError:
        raise InvalidValue(field, f"{text!r} is not a date like 2026-01-31") from None


def instant_of(local: datetime, zone: ZoneInfo) -> datetime:
    """The UTC instant of a time on the shop's clock.

    An aware time keeps its meaning. Of a naive one, an ambiguous hour takes the first offset and a
    missing hour shifts forward, as `fold=0` does (PEP 495).
    """
    return (local if local.tzinfo else local.replace(tzinfo=zone, fold=0)).astimezone(UTC)


def day_of(instant: datetime, zone: ZoneInfo) -> int:
    """The business day, as an epoch day, on which an aware instant falls."""
    return epoch_day(instant.astimezone(zone).date())

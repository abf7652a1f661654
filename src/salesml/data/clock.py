"""The shop's clock on whole columns: wall time to instants, instants to business days."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from salesml.core.days import SECONDS_PER_DAY, date_of

Seconds = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class ShopClock:
    """Offsets of a zone between instants at which they change, in seconds.

    `offsets[i]` holds before `changes[i]`, the last offset after all changes.
    """

    changes: Seconds
    offsets: Seconds

    def instants(self, wall: Seconds) -> Seconds:
        """Epoch seconds of wall times, as `core.days.instant_of`: first offset, missing hours forward.

        With fold 0 (PEP 495) a clock change is passed at the later of both readings of the wall clock.
        """
        passed = self.changes + np.maximum(self.offsets[:-1], self.offsets[1:])
        result: Seconds = wall - self.offsets[np.searchsorted(passed, wall, side="right")]
        return result

    def days(self, instants: Seconds) -> Seconds:
        """Epoch day in the shop's zone of each instant."""
        local = instants + self.offsets[np.searchsorted(self.changes, instants, side="right")]
        result: Seconds = np.floor_divide(local, SECONDS_PER_DAY)
        return result


@lru_cache(maxsize=8)
def shop_clock(zone: ZoneInfo, last_day: int) -> ShopClock:
    """The clock of a zone from 1970 to two days after an epoch day."""
    changes = list(_changes(zone, last_day + 2))
    ends = [datetime.fromtimestamp(at, UTC) for at in changes]
    first = _offset(zone, datetime(1970, 1, 1, tzinfo=UTC))
    return ShopClock(
        changes=_column(changes),
        offsets=_column([first, *(_offset(zone, end) for end in ends)]),
    )


def _changes(zone: ZoneInfo, last_day: int) -> Iterator[int]:
    """Instants at which the offset changes, found by halving each day whose ends differ."""
    for day in range(last_day):
        start = datetime.combine(date_of(day), datetime.min.time(), UTC)
        low, high = start, start + timedelta(days=1)
        if _offset(zone, low) == _offset(zone, high):
            continue
        while high - low > timedelta(seconds=1):
            middle = low + timedelta(seconds=int((high - low).total_seconds()) // 2)
            low, high = (middle, high) if _offset(zone, middle) == _offset(zone, start) else (low, middle)
        yield int(high.timestamp())


def _offset(zone: ZoneInfo, instant: datetime) -> int:
    offset = instant.astimezone(zone).utcoffset()
    return int(offset.total_seconds()) if offset is not None else 0


def _column(values: list[Any]) -> Seconds:
    return np.asarray(values, dtype=np.int64)

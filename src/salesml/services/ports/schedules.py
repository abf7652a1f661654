"""Work that recurs, and which of its times were made jobs."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from salesml.core.schedules import Firing, Schedule


class ScheduleRepository(Protocol):
    def add(self, schedule: Schedule) -> None:
        """Raises AlreadyExists for a name that is taken."""

    def list(self) -> Sequence[Schedule]:
        """All schedules, by name."""

    def remove(self, name: str) -> None:
        """Raises NotFound. Firings stay, so that a schedule of the same name does not repeat one."""

    def has_fired(self, firing: Firing) -> bool: ...

    def fire(self, firing: Firing, now: datetime) -> bool:
        """Record a firing; False when another worker has done so, which this call waits for."""

    def forget(self, before: datetime) -> None:
        """Drop firings that were recorded before that time."""

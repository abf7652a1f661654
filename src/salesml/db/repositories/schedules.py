"""Work that recurs, and which of its times were made jobs."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlmodel import col

from salesml.core.errors import AlreadyExists, NotFound
from salesml.core.jobs import JobKind
from salesml.core.schedules import Firing, Schedule
from salesml.db.tables import CronFiringRow, ScheduleRow

_COLUMNS = ScheduleRow.__table__.columns


class SqlScheduleRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, schedule: Schedule) -> None:
        """Raises AlreadyExists for a name that is taken."""
        try:
            with self._session.begin_nested():
                values = {**vars(schedule), "kind": schedule.kind.value}
                self._session.execute(insert(ScheduleRow).values(**values))
        except IntegrityError:
            raise AlreadyExists(f"there is a schedule {schedule.name} already") from None

    def list(self) -> Sequence[Schedule]:
        """All schedules, by name."""
        rows = self._session.execute(select(*_COLUMNS).order_by(col(ScheduleRow.name))).mappings()
        return [Schedule(**{**row, "kind": JobKind(row["kind"])}) for row in rows]

    def remove(self, name: str) -> None:
        """Raises NotFound. Firings stay, so that a schedule of the same name does not repeat one."""
        gone = delete(ScheduleRow).where(col(ScheduleRow.name) == name).returning(col(ScheduleRow.name))
        if self._session.execute(gone).first() is None:
            raise NotFound(f"there is no schedule {name}")

    def has_fired(self, firing: Firing) -> bool:
        found = select(col(CronFiringRow.key)).where(col(CronFiringRow.key) == firing.key)
        return self._session.execute(found).first() is not None

    def fire(self, firing: Firing, now: datetime) -> bool:
        """Record a firing; False when another worker has done so, which this call waits for."""
        try:
            with self._session.begin_nested():
                self._session.execute(insert(CronFiringRow).values(key=firing.key, fired_at=now))
        except IntegrityError:
            return False
        return True

    def forget(self, before: datetime) -> None:
        """Drop firings that were recorded before that time."""
        self._session.execute(delete(CronFiringRow).where(col(CronFiringRow.fired_at) < before))

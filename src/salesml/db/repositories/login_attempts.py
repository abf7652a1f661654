"""Counts of logins that failed."""

from datetime import datetime

from sqlalchemy import case, delete, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlmodel import col

from salesml.core.login_attempts import Attempts
from salesml.db.bulk import is_postgresql
from salesml.db.tables import LoginAttemptRow


class SqlLoginAttemptRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def count(self, key: bytes, *, now: datetime, begun_before: datetime) -> Attempts:
        """Add one, and answer the count with it; one that began before that time starts anew."""
        dialect = postgresql if is_postgresql(self._session) else sqlite
        new = dialect.insert(LoginAttemptRow).values(key=key, failures=1, since=now)
        is_old = col(LoginAttemptRow.since) <= begun_before
        changes = {
            "failures": case((is_old, 1), else_=col(LoginAttemptRow.failures) + 1),
            "since": case((is_old, new.excluded.since), else_=col(LoginAttemptRow.since)),
        }
        counted = new.on_conflict_do_update(index_elements=["key"], set_=changes)
        columns = col(LoginAttemptRow.failures), col(LoginAttemptRow.since)
        failures, since = self._session.execute(counted.returning(*columns)).one()
        return Attempts(failures=failures, since=since)

    def take_back(self, key: bytes) -> None:
        """Subtract one."""
        row = update(LoginAttemptRow).where(col(LoginAttemptRow.key) == key)
        self._session.execute(row.values(failures=col(LoginAttemptRow.failures) - 1))

    def remove(self, key: bytes) -> None:
        self._session.execute(delete(LoginAttemptRow).where(col(LoginAttemptRow.key) == key))

    def remove_before(self, since: datetime) -> None:
        """Delete counts that began before."""
        self._session.execute(delete(LoginAttemptRow).where(col(LoginAttemptRow.since) < since))

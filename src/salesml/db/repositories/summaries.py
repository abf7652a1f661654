"""Figures that pages read instead of computing them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlmodel import col

from salesml.db.bulk import execute, is_postgresql
from salesml.db.tables import SummaryRow

_LOCK = 0x5A1E_F165
"""Any constant number that no other lock has; a row to lock does not exist at first."""


class SqlSummaryRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, name: str) -> tuple[Mapping[str, Any], datetime] | None:
        """A value of JSON and when it was computed."""
        query = select(col(SummaryRow.value), col(SummaryRow.computed_at)).where(col(SummaryRow.name) == name)
        row = self._session.execute(query).first()
        return None if row is None else (row[0], row[1])

    def lock(self) -> None:
        """Let nobody else prepare figures before this transaction ends; what others committed until
        now is seen by the next question. SQLite's write transactions are alone anyway."""
        if is_postgresql(self._session):
            execute(self._session, "SELECT pg_advisory_xact_lock(:key)", {"key": _LOCK})

    def put(self, name: str, value: Mapping[str, object], now: datetime) -> None:
        """Replace it, whoever was first."""
        dialect = postgresql if is_postgresql(self._session) else sqlite
        new = dialect.insert(SummaryRow).values(name=name, value=value, computed_at=now)
        changes = {"value": new.excluded.value, "computed_at": new.excluded.computed_at}
        self._session.execute(new.on_conflict_do_update(index_elements=["name"], set_=changes))

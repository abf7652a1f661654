"""Backtests that were run."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session
from sqlmodel import col

from salesml.core.backtests import StoredBacktest
from salesml.core.errors import NotFound
from salesml.db.tables import BacktestRow

_BACKTEST = BacktestRow.__table__.columns


class SqlBacktestRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, result: Mapping[str, Any], *, created_by: str, now: datetime) -> StoredBacktest:
        """Store a backtest under a new id."""
        new = insert(BacktestRow).values(created_at=now, created_by=created_by, result=result)
        return StoredBacktest(**self._session.execute(new.returning(*_BACKTEST)).mappings().one())

    def get(self, backtest_id: int) -> StoredBacktest:
        """Raises NotFound."""
        query = select(*_BACKTEST).where(col(BacktestRow.id) == backtest_id)
        row = self._session.execute(query).mappings().first()
        if row is None:
            raise NotFound(f"there is no backtest {backtest_id}")
        return StoredBacktest(**row)

    def latest(self) -> StoredBacktest | None:
        """The newest one, if there is any."""
        return next(iter(self.list(limit=1)), None)

    def list(self, *, limit: int | None = None, before_id: int | None = None) -> Sequence[StoredBacktest]:
        """Backtests, the newest first; with ids below `before_id`."""
        query = select(*_BACKTEST).order_by(col(BacktestRow.id).desc()).limit(limit)
        if before_id is not None:
            query = query.where(col(BacktestRow.id) < before_id)
        return [StoredBacktest(**row) for row in self._session.execute(query).mappings()]

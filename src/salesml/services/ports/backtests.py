"""Where backtests are kept."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from salesml.core.backtests import StoredBacktest


class BacktestRepository(Protocol):
    def add(self, result: Mapping[str, Any], *, created_by: str, now: datetime) -> StoredBacktest:
        """Store a backtest under a new id."""

    def get(self, backtest_id: int) -> StoredBacktest:
        """Raises NotFound."""

    def latest(self) -> StoredBacktest | None:
        """The newest one, if there is any."""

    def list(self, *, limit: int | None = None, before_id: int | None = None) -> Sequence[StoredBacktest]:
        """Backtests, the newest first; with ids below `before_id`."""

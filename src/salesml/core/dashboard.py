"""Figures of the main page, as they are prepared for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from salesml.core.alarms import Alarm
from salesml.core.forecasts import CompanyForecast
from salesml.core.models import Target

TREND_MONTHS = 24
OLD_AFTER_DAYS = 2
"""An as-of date older than this is warned of."""


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Clients whose probability reaches the threshold; `expected_buyers` sums their probabilities."""

    threshold: float
    clients: int
    expected_buyers: float


@dataclass(frozen=True, kw_only=True)
class ScoredFigures:
    """What the newest run says in sum: `forecast_total` in minor units over its 30 days, `selection` at the
    threshold of now."""

    run_id: int
    as_of_day: int
    clients: int
    forecast_total: int
    selection: Selection
    versions: Mapping[Target, str]
    scored_at: datetime


@dataclass(frozen=True, kw_only=True)
class Summary:
    """`scored` is None while nothing was scored; `clients` counts everybody, scored or not. `alarms` are
    those that runs and outcomes raise, `gauges` the figures behind them, by name."""

    clients: int
    scored: ScoredFigures | None
    alarms: tuple[Alarm, ...] = ()
    gauges: Mapping[str, Any] = field(default_factory=dict)
    computed_at: datetime


@dataclass(frozen=True, kw_only=True)
class MonthSales:
    """Net sales of a calendar month in minor units, `month` as `2026-01`; `is_complete` is False while
    orders of later days of the month are still to come."""

    month: str
    net: int
    orders: int
    is_complete: bool


@dataclass(frozen=True, kw_only=True)
class SalesTrend:
    """Months up to the last day with an order, the oldest first, and the newest run behind them: `company` is
    its forecast of all sales, None for one of an older program."""

    months: tuple[MonthSales, ...]
    scored: ScoredFigures | None
    company: CompanyForecast | None = None
    computed_at: datetime | None

    @property
    def ahead(self) -> int | None:
        """Net sales in minor units that are forecast for the days behind the months."""
        if self.company is not None:
            return self.company.total
        return None if self.scored is None else self.scored.forecast_total

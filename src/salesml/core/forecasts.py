"""What a run forecasts of the company as a whole, and what came of its forecasts."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from salesml.core.models import Target

PARTS = ("repeat", "reactivated", "new", "guest")
ACTIVE_DAYS = 90
"""A client whose last purchase is older, or who never bought, is reactivated rather than repeating."""


def within(total: int, reach: float) -> tuple[int, int]:
    """The interval of a total in minor units that goes so far on either side, as a log-ratio."""
    return math.floor(total * math.exp(-reach)), math.ceil(total * math.exp(reach))


@dataclass(frozen=True, kw_only=True)
class CompanyForecast:
    """Net sales over (as_of_day, as_of_day + horizon_days] in minor units; the four parts are the total.

    `repeat_sales` and `reactivated_sales` add the stored forecasts of clients, by how long ago they bought;
    `new_sales` are of clients not known yet, `guest_sales` of orders without a client. `lower` and `upper`
    hold the total at 80 %, None where too few past totals are known. `evidence` says how the parts came
    about, and as `outcome` what happened.
    """

    run_id: int
    as_of_day: int
    horizon_days: int
    repeat_sales: int
    reactivated_sales: int
    new_sales: int
    guest_sales: int
    lower: int | None = None
    upper: int | None = None
    evidence: Mapping[str, Any] = field(default_factory=dict)

    @property
    def clients_total(self) -> int:
        """What the forecasts of stored clients add up to."""
        return self.repeat_sales + self.reactivated_sales

    @property
    def total(self) -> int:
        return self.clients_total + self.new_sales + self.guest_sales

    @property
    def parts(self) -> Mapping[str, int]:
        """By the names of PARTS."""
        values = (self.repeat_sales, self.reactivated_sales, self.new_sales, self.guest_sales)
        return dict(zip(PARTS, values, strict=True))

    @property
    def last_period(self) -> int | None:
        """Net sales of as many days that ended at the as-of date; None where the data is shorter."""
        value: int | None = self.evidence.get("last_period")
        return value

    @property
    def outcome(self) -> Mapping[str, Any] | None:
        """None before the horizon has passed, afterwards `actual` and its `parts` in minor units, `inside`
        (whether the interval held it, None without one) and `computed_at` in epoch seconds."""
        value: Mapping[str, Any] | None = self.evidence.get("outcome")
        return value


@dataclass(frozen=True, kw_only=True)
class ForecastOutcome:
    """The stored forecasts of a run against what happened; `metrics` and `baselines` are those of a version,
    measured on what was served to its `clients`."""

    run_id: int
    target: Target
    horizon_days: int
    version_id: int
    as_of_day: int
    clients: int
    metrics: Mapping[str, Any]
    baselines: Mapping[str, Any]
    computed_at: datetime

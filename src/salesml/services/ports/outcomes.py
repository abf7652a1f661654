"""What came of forecasts."""

from collections.abc import Sequence
from typing import Protocol

import pyarrow as pa

from salesml.core.forecasts import ForecastOutcome
from salesml.core.models import Target
from salesml.core.predictions import ScoringRun


class OutcomeRepository(Protocol):
    def put(self, outcome: ForecastOutcome) -> None:
        """Store what came of a run, in place of an earlier answer."""

    def of_run(self, run_id: int) -> Sequence[ForecastOutcome]:
        """By target and horizon."""

    def of_version(self, version_id: int, limit: int) -> Sequence[ForecastOutcome]:
        """Of the runs that the version made, the newest as-of date first."""

    def newest(self, target: Target) -> ForecastOutcome | None:
        """That of the newest as-of date."""

    def due(
        self, target: Target, horizon_days: int, last_day: int, *, again: bool = False, after_run: int = 0
    ) -> Sequence[ScoringRun]:
        """Published runs whose horizon ends at or before the day, whose forecasts are still stored, and which
        have no outcome yet (`again`: or have one), by id; only ids above `after_run`."""

    def forecasts(self, run_id: int, target: Target) -> pa.Table:
        """What was served, by client: client_id (int64), and predicted_sales, lower, upper (int64 minor
        units, null without an interval) or purchase_probability (float64)."""

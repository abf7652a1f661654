"""What runs forecast of the company."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from salesml.core.forecasts import CompanyForecast


class ForecastRepository(Protocol):
    """Forecasts of published runs only, unless said otherwise."""

    def put(self, forecast: CompanyForecast) -> None:
        """Store the forecast of a run, published or not, in place of an earlier one."""

    def get(self, run_id: int) -> CompanyForecast | None:
        """Of any run; None where it has none."""

    def list(self, limit: int, before_id: int | None = None) -> Sequence[CompanyForecast]:
        """The newest runs first; with ids below `before_id`."""

    def matured(self, limit: int) -> Sequence[CompanyForecast]:
        """Those with an outcome, the newest as-of date first."""

    def note_outcome(self, run_id: int, outcome: Mapping[str, Any]) -> None:
        """Put what happened into the evidence of a run, if it has a forecast."""

    def client_sales(self, run_id: int, active_days: int) -> tuple[int, int]:
        """Sums of the newest run's forecasts in minor units: of clients who bought in the last
        `active_days` days, and of all others."""

    def guest_sales(self, end: int, count: int, days: int) -> Sequence[int]:
        """Net sales without a client in minor units, of `count` periods of `days` days that end at the day,
        the newest first; a sale that a guest's cancellation of the same period names leaves nothing."""

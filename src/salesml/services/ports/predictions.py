"""Snapshots and predictions, by scoring run."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

import pyarrow as pa

from salesml.core.dashboard import Selection
from salesml.core.predictions import ClientScore, PastPrediction, ScoringRun


class PredictionRepository(Protocol):
    """Predictions are unique by client, as-of date, horizon and version among published runs."""

    def begin_run(
        self,
        *,
        as_of_day: int,
        sales_version_id: int,
        purchase_version_id: int,
        threshold: float,
        drift: Mapping[str, Mapping[str, float]] | None = None,
        now: datetime,
    ) -> ScoringRun:
        """`drift` is the population stability index by target and feature."""

    def get_run(self, run_id: int) -> ScoringRun:
        """Raises NotFound."""

    def latest_run(self) -> ScoringRun | None:
        """The published run of the newest as-of date."""

    def write(self, run_id: int, rows: pa.Table) -> None:
        """Store a chunk of a run, not visible before `publish`. Columns: client_id; the ten kernel features
        (float64, null where unknown); predicted_sales (int64 minor units), lower, upper (int64 or null),
        purchase_probability (float64), decision (int8); sales_reasons and purchase_reasons (text: JSON
        objects of ml.reasons.told), or without them. Writing a client twice is the same as once."""

    def publish(self, run_id: int, now: datetime) -> None:
        """Make the run visible and supersede published runs of the same date and versions, in one flip."""

    def sweep(self, limit: int) -> bool:
        """Delete at most `limit` rows of superseded runs, of unfinished runs older than the newest published
        one, of snapshots that are not of the latest run, and forecasts of judged runs that are more than 90
        days older than it and not the newest of their month; answers whether any is left."""

    def totals(self, run_id: int) -> tuple[int, int]:
        """Number of clients scored by the newest run, and the sum of their forecasts in minor units."""

    def select(self, run_id: int, threshold: float) -> Selection:
        """Who of the newest run reaches the threshold."""

    def runs(self, limit: int, before_id: int | None = None) -> Sequence[ScoringRun]:
        """Runs that were published, the newest first, superseded ones included; with ids below
        `before_id`."""

    def of_client(
        self, client_id: int, limit: int, before: tuple[int, int] | None = None
    ) -> Sequence[PastPrediction]:
        """What published runs forecast of a client, the newest first; those before an (as-of day, run id)."""

    def top(self, run_id: int, limit: int) -> Sequence[ClientScore]:
        """The clients with the highest forecast, then the highest probability."""

    def scores(self, run_id: int) -> pa.Table:
        """All rows of the run, by client_id: client_id (external id of its first pair), source,
        predicted_sales, lower, upper (int64 minor), purchase_probability (float64), decision (int8)."""

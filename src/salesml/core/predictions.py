"""Stored forecasts and the runs that made them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class RunState(StrEnum):
    """Predictions of a run are visible only while it is PUBLISHED."""

    PUBLISHING = "publishing"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, kw_only=True)
class ScoringRun:
    """One scoring of every client known at `as_of_day`; `threshold` is the one of that moment.

    `drift` is the population stability index of each feature, by target.
    """

    id: int
    as_of_day: int
    state: RunState
    sales_version_id: int
    purchase_version_id: int
    threshold: float
    clients: int
    created_at: datetime
    published_at: datetime | None = None
    drift: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ClientScore:
    """One row of `salesml score`: money in minor units, `decision` as made at scoring."""

    client_id: int
    external_id: str
    source: str
    as_of_day: int
    predicted_sales: int
    lower: int | None
    upper: int | None
    purchase_probability: float
    decision: int


@dataclass(frozen=True, kw_only=True)
class PastPrediction:
    """What a run forecast of a client: money in minor units; `decision` as made then, by `threshold`.

    Versions go by their names, horizons are in days. `ranking_only` is that of the version which made the
    probability.
    """

    run_id: int
    as_of_day: int
    scored_at: datetime
    predicted_sales: int
    lower: int | None
    upper: int | None
    sales_version: str
    sales_horizon_days: int
    purchase_probability: float
    decision: int
    threshold: float
    ranking_only: bool
    purchase_version: str
    purchase_horizon_days: int

"""Stored forecasts and the runs that made them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


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
class Contribution:
    """How much a feature, whose value was `value` (None: null), moved a forecast."""

    feature: str
    value: float | None
    amount: float


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """Why a forecast is what it is: everything adds up to it. Sales in minor units, probabilities as shares.

    `others` stands for all features that are not among `parts`; `floor` lifts sales below zero to it.
    """

    base: float
    parts: tuple[Contribution, ...]
    others: float
    floor: float = 0

    @staticmethod
    def of(stored: Mapping[str, Any]) -> "Explanation":
        """From its stored form: parts are [feature, value, amount]."""
        parts = (
            Contribution(feature=feature, value=value, amount=amount)
            for feature, value, amount in stored["parts"]
        )
        return Explanation(
            base=stored["base"], parts=tuple(parts), others=stored["others"], floor=stored.get("floor", 0)
        )


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
    sales_reasons: Explanation | None = None
    purchase_reasons: Explanation | None = None

"""Stored forecasts and the runs that made them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class RunState(StrEnum):
    """Predictions of a run are visible only while it is PUBLISHED."""

    PUBLISHING = "publishing"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, kw_only=True)
class ScoringRun:
    """One scoring of every client known at `as_of_day`; `threshold` is the one of that moment."""

    id: int
    as_of_day: int
    state: RunState
    sales_version_id: int
    purchase_version_id: int
    threshold: float
    clients: int
    created_at: datetime
    published_at: datetime | None = None


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

"""Backtests: what was asked, and league tables."""

from datetime import date, datetime
from typing import Any

from pydantic import Field, model_validator

from salesml.core.backtests import StoredBacktest
from salesml.core.models import Target
from salesml.http.schemas.base import In, Out
from salesml.services import backtests

MAX_DATES = 24


class BacktestIn(In):
    windows: int = Field(
        3, strict=True, ge=1, le=MAX_DATES, description="how many past dates, 30 days apart; the newest ones"
    )
    as_of: list[date] | None = Field(
        None, min_length=1, max_length=MAX_DATES, description="these dates instead", examples=[["2026-06-30"]]
    )
    estimators: list[str] = Field(
        [],
        max_length=50,
        description="to be compared with what serves; `all` for every one, `kernel` for five inputs",
        examples=[["all"]],
    )

    @model_validator(mode="after")
    def _either(self) -> "BacktestIn":
        if self.as_of is not None and "windows" in self.model_fields_set:
            raise ValueError("give windows or as_of, not both")
        return self


class BacktestLineOut(Out):
    id: str
    created_at: datetime
    created_by: str
    as_of: list[date]
    best: dict[Target, str | None] = Field(
        description="who came first; null where nobody could be judged", examples=[{"sales": "linear"}]
    )

    @staticmethod
    def of(stored: StoredBacktest) -> "BacktestLineOut":
        return BacktestLineOut.model_validate(
            {**_origin(stored), "as_of": stored.result["as_of"], "best": backtests.best(stored)}
        )


class BacktestPage(Out):
    items: list[BacktestLineOut]
    next_cursor: str | None


class DifferenceOut(Out):
    """The deciding metric minus that of the recipe that serves, on the same clients; below 0 is better."""

    value: float
    interval: tuple[float, float] | None


class StandingOut(Out):
    """A model or a baseline, measured; where it has no metrics, `reason` says why."""

    name: str = Field(examples=["linear"])
    is_baseline: bool
    is_default: bool = Field(description="the recipe that serves")
    is_best: bool
    metrics: dict[str, Any] | None = Field(
        description="money in major units; a metric without a value is null, its reason under `reasons`",
        examples=[{"rmse": 38.12, "gini": 0.71, "reasons": {}}],
    )
    intervals: dict[str, tuple[float, float] | None] = Field(
        description="of each metric, by a bootstrap of whole clients", examples=[{"rmse": [31.9, 45.0]}]
    )
    difference: DifferenceOut | None = Field(description="null for the recipe that serves")
    verdict: str | None = Field(description="null, or the baseline that it does not beat")
    reason: str | None


class LeagueTableOut(Out):
    """One target at one date, or at several taken together; the best by `deciding_metric` first, those that
    could not be judged last."""

    target: Target
    as_of: list[date]
    rows: int = Field(description="clients, counted at each date")
    deciding_metric: str = Field(examples=["rmse"])
    features: list[str] = Field(description="of the recipe that served at the date")
    ignored: dict[str, str] = Field(description="features left out, each with its reason")
    standings: list[StandingOut]


class BacktestOut(Out):
    id: str
    created_at: datetime
    created_by: str
    as_of: list[date]
    currency: str = Field(examples=["PLN"])
    threshold: float = Field(description="of decisions")
    level: float = Field(description="of the intervals", examples=[0.95])
    league: list[LeagueTableOut] = Field(description="by target, all judged dates together")
    windows: list[LeagueTableOut] = Field(description="by date and target")

    @staticmethod
    def of(stored: StoredBacktest) -> "BacktestOut":
        return BacktestOut.model_validate({**stored.result, **_origin(stored)})


def _origin(stored: StoredBacktest) -> dict[str, object]:
    return {"id": str(stored.id), "created_at": stored.created_at, "created_by": stored.created_by}

"""What a run forecasts of the company as a whole, and what came of its forecasts."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger
from sqlmodel import Field

from salesml.db.tables.base import Row
from salesml.db.types import BigId, Instant, Json


class CompanyForecastRow(Row, table=True):
    """Net sales over (as_of_day, as_of_day + horizon_days] in minor units; the four parts are the total."""

    __tablename__ = "company_forecasts"

    run_id: int = Field(primary_key=True, sa_type=BigId, foreign_key="scoring_runs.id")
    as_of_day: int
    horizon_days: int
    repeat_sales: int = Field(sa_type=BigInteger)
    reactivated_sales: int = Field(sa_type=BigInteger)
    new_sales: int = Field(sa_type=BigInteger)
    guest_sales: int = Field(sa_type=BigInteger)
    lower: int | None = Field(default=None, sa_type=BigInteger)
    upper: int | None = Field(default=None, sa_type=BigInteger)
    evidence: dict[str, Any] = Field(sa_type=Json)


class ForecastOutcomeRow(Row, table=True):
    """A matured run against what happened; metrics as a version's."""

    __tablename__ = "forecast_outcomes"

    run_id: int = Field(primary_key=True, sa_type=BigId, foreign_key="scoring_runs.id")
    target: str = Field(primary_key=True)
    horizon_days: int = Field(primary_key=True)
    version_id: int = Field(sa_type=BigId, foreign_key="model_versions.id")
    as_of_day: int
    clients: int = Field(sa_type=BigInteger)
    metrics: dict[str, Any] = Field(sa_type=Json)
    baselines: dict[str, Any] = Field(sa_type=Json)
    computed_at: datetime = Field(sa_type=Instant)

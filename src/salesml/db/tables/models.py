"""Trained versions, the champions among them, and how they came to be."""

from datetime import datetime
from typing import Any

from sqlmodel import Field

from salesml.db.tables.base import Row
from salesml.db.types import BigId, Instant, Json


class ModelVersionRow(Row, table=True):
    __tablename__ = "model_versions"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    target: str = Field(index=True)
    role: str
    estimator: str
    as_of_day: int
    horizon_days: int
    features: list[str] = Field(sa_type=Json)
    ignored: dict[str, str] = Field(sa_type=Json)
    metrics: dict[str, Any] = Field(sa_type=Json)
    baselines: dict[str, Any] = Field(sa_type=Json)
    training: dict[str, Any] = Field(sa_type=Json)
    evidence: dict[str, Any] = Field(sa_type=Json, sa_column_kwargs={"server_default": "{}"})
    parameters: dict[str, Any] = Field(sa_type=Json, sa_column_kwargs={"server_default": "{}"})
    intervals: dict[str, Any] | None = Field(default=None, sa_type=Json)
    folded: dict[str, Any] | None = Field(default=None, sa_type=Json)
    file_name: str
    file_sha256: str
    file_signature: str
    libraries: dict[str, str] = Field(sa_type=Json)
    verdict: str | None = None
    created_at: datetime = Field(sa_type=Instant)
    created_by: str


class ChampionRow(Row, table=True):
    __tablename__ = "champions"

    target: str = Field(primary_key=True)
    role: str = Field(primary_key=True)
    horizon_days: int = Field(primary_key=True)
    version_id: int = Field(sa_type=BigId, foreign_key="model_versions.id")
    revision: int
    since: datetime = Field(sa_type=Instant)
    note: str


class PromotionRow(Row, table=True):
    """One change of a champion; `previous_id` is null for the first."""

    __tablename__ = "promotions"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    target: str
    role: str
    horizon_days: int
    version_id: int = Field(sa_type=BigId, foreign_key="model_versions.id")
    previous_id: int | None = Field(default=None, sa_type=BigId, foreign_key="model_versions.id")
    at: datetime = Field(sa_type=Instant)
    actor: str
    note: str


class BacktestRow(Row, table=True):
    __tablename__ = "backtests"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    created_at: datetime = Field(sa_type=Instant)
    created_by: str
    result: dict[str, Any] = Field(sa_type=Json)

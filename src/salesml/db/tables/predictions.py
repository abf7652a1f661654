"""Scoring runs and what each wrote: snapshots and both predictions of every client.

Rows carry their run: they become visible, and are superseded, by one flip of the run's state.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index
from sqlmodel import Field

from salesml.db.tables.base import Row
from salesml.db.types import BigId, Instant, Json


class ScoringRunRow(Row, table=True):
    __tablename__ = "scoring_runs"
    __table_args__ = (Index("ix_scoring_runs_state", "state", "as_of_day", "id"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    as_of_day: int
    state: str
    sales_version_id: int = Field(sa_type=BigId, foreign_key="model_versions.id")
    purchase_version_id: int = Field(sa_type=BigId, foreign_key="model_versions.id")
    threshold: float
    clients: int
    created_at: datetime = Field(sa_type=Instant)
    published_at: datetime | None = Field(default=None, sa_type=Instant)
    drift: dict[str, Any] | None = Field(default=None, sa_type=Json)


_SORT_KEYS = ("predicted_sales", "purchase_probability", "days_since_last_purchase", "tenure_months")


def _sorted_by(key: str) -> Index:
    """A list ordered by one of these reads its filters from the same index, without touching the table."""
    others = [name for name in _SORT_KEYS if name != key]
    return Index(f"ix_client_activity_{key}", "run_id", key, "client_id", *others)


class ClientActivityRow(Row, table=True):
    """A client's snapshot at the run's as-of date; money in minor units, null where unknown.

    Repeats both forecasts of the run: lists are sorted and filtered by this one table.
    """

    __tablename__ = "client_activity"
    __table_args__ = tuple(_sorted_by(key) for key in _SORT_KEYS)

    run_id: int = Field(primary_key=True, sa_type=BigId, foreign_key="scoring_runs.id")
    client_id: int = Field(primary_key=True, sa_type=BigId, foreign_key="clients.id", index=True)
    as_of_day: int
    purchases_30d: int
    average_basket_value: float
    visits_30d: int | None = Field(default=None, sa_type=BigInteger)
    days_since_last_purchase: int | None = None
    tenure_months: float
    visits_7d: int | None = Field(default=None, sa_type=BigInteger)
    newsletter_opened: int | None = None
    ad_clicks: int | None = Field(default=None, sa_type=BigInteger)
    has_purchased: int
    time_on_site_seconds: int | None = Field(default=None, sa_type=BigInteger)
    predicted_sales: int = Field(sa_type=BigInteger, sa_column_kwargs={"server_default": "0"})
    purchase_probability: float = Field(sa_column_kwargs={"server_default": "0"})


class SalesPredictionRow(Row, table=True):
    """Sales over (as_of_day, as_of_day + horizon_days], minor units."""

    __tablename__ = "sales_predictions"
    __table_args__ = (Index("ix_sales_predictions_client", "client_id", "as_of_day"),)

    run_id: int = Field(primary_key=True, sa_type=BigId, foreign_key="scoring_runs.id")
    client_id: int = Field(primary_key=True, sa_type=BigId, foreign_key="clients.id")
    horizon_days: int = Field(primary_key=True)
    as_of_day: int
    version_id: int = Field(sa_type=BigId, foreign_key="model_versions.id")
    predicted_sales: int = Field(sa_type=BigInteger)
    lower: int | None = Field(default=None, sa_type=BigInteger)
    upper: int | None = Field(default=None, sa_type=BigInteger)
    reasons: dict[str, Any] | None = Field(default=None, sa_type=Json)


class PurchasePredictionRow(Row, table=True):
    """Probability of a purchase in (as_of_day, as_of_day + horizon_days]; `decision` as made at scoring."""

    __tablename__ = "purchase_predictions"
    __table_args__ = (Index("ix_purchase_predictions_client", "client_id", "as_of_day"),)

    run_id: int = Field(primary_key=True, sa_type=BigId, foreign_key="scoring_runs.id")
    client_id: int = Field(primary_key=True, sa_type=BigId, foreign_key="clients.id")
    horizon_days: int = Field(primary_key=True)
    as_of_day: int
    version_id: int = Field(sa_type=BigId, foreign_key="model_versions.id")
    purchase_probability: float
    threshold: float
    decision: int
    reasons: dict[str, Any] | None = Field(default=None, sa_type=Json)


class ClientOutlookRow(Row, table=True):
    """What else a run says of a client; days are epoch days, `value_12m` minor units."""

    __tablename__ = "client_outlooks"

    run_id: int = Field(primary_key=True, sa_type=BigId, foreign_key="scoring_runs.id")
    client_id: int = Field(primary_key=True, sa_type=BigId, foreign_key="clients.id", index=True)
    churn_probability: float | None = None
    next_order_day: int | None = None
    next_order_from: int | None = None
    next_order_until: int | None = None
    value_12m: int | None = Field(default=None, sa_type=BigInteger)

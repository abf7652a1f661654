"""Daily activity of clients, and the days for which each metric is known."""

from sqlalchemy import BigInteger
from sqlmodel import Field

from salesml.db.tables.base import Row
from salesml.db.types import BigId


class ActivityRow(Row, table=True):
    __tablename__ = "activity"

    identity_id: int = Field(primary_key=True, sa_type=BigId, foreign_key="client_ids.id")
    day: int = Field(primary_key=True)
    visits: int | None = Field(default=None, sa_type=BigInteger)
    seconds_on_site: int | None = Field(default=None, sa_type=BigInteger)
    ad_clicks: int | None = Field(default=None, sa_type=BigInteger)
    newsletter_opens: int | None = Field(default=None, sa_type=BigInteger)
    import_id: int | None = Field(default=None, sa_type=BigId, foreign_key="imports.id", index=True)


class ActivityCoverageRow(Row, table=True):
    """What one import makes known; the coverage of a metric spans those of all its imports."""

    __tablename__ = "activity_coverage"

    import_id: int = Field(primary_key=True, sa_type=BigId, foreign_key="imports.id")
    metric: str = Field(primary_key=True)
    first_day: int
    last_day: int


class LiveCoverageRow(Row, table=True):
    """What activity that was sent live makes known, beside what imports make known."""

    __tablename__ = "live_coverage"

    metric: str = Field(primary_key=True)
    first_day: int
    last_day: int

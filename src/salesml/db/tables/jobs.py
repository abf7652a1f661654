"""The durable queue."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, false, text
from sqlmodel import Field

from salesml.db.tables.base import Row
from salesml.db.types import BigId, Instant, Json

_UNFINISHED = text("status IN ('queued', 'running')")
_RUNNING = text("status = 'running'")


class JobRow(Row, table=True):
    """`token` fences off an owner whose lease ended; `unique_key` is unique among unfinished jobs.

    One job of a kind runs at a time: whichever worker sets the second one running is refused.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        Index("ix_jobs_status", "status", "kind", "id"),
        Index(
            "uq_jobs_unfinished_key",
            "unique_key",
            unique=True,
            sqlite_where=_UNFINISHED,
            postgresql_where=_UNFINISHED,
        ),
        Index(
            "uq_jobs_running_kind",
            "kind",
            unique=True,
            sqlite_where=_RUNNING,
            postgresql_where=_RUNNING,
        ),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    kind: str
    status: str
    args: dict[str, Any] = Field(sa_type=Json)
    unique_key: str | None = None
    owner: str | None = None
    token: int = 0
    lease_until: datetime | None = Field(default=None, sa_type=Instant)
    attempts: int = 0
    cancel_requested: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    checkpoint: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    progress: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    error: str | None = None
    result: dict[str, Any] | None = Field(default=None, sa_type=Json)
    created_at: datetime = Field(sa_type=Instant)
    created_by: str
    finished_at: datetime | None = Field(default=None, sa_type=Instant)

"""Imports, the rows they set aside, and the values they overwrote."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field

from salesml.db.tables.base import Row
from salesml.db.types import BigId, Instant, Json


class ImportRow(Row, table=True):
    __tablename__ = "imports"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    kind: str
    source: str
    file_name: str
    file_sha256: str
    state: str = Field(index=True)
    reading: dict[str, Any] = Field(sa_type=Json)
    counts: dict[str, Any] = Field(sa_type=Json)
    created_at: datetime = Field(sa_type=Instant)
    finished_at: datetime | None = Field(default=None, sa_type=Instant)
    error: str | None = None


class ImportRejectRow(Row, table=True):
    """`raw` is the value that was refused, `record` the whole row as a line of CSV."""

    __tablename__ = "import_rejects"

    import_id: int = Field(primary_key=True, sa_type=BigId, foreign_key="imports.id")
    row: int = Field(primary_key=True, sa_type=BigId)
    field: str = Field(primary_key=True)
    code: str = Field(primary_key=True)
    reason: str
    raw: str | None = None
    record: str | None = None


class ImportReportRow(Row, table=True):
    """What the data of a finished import look like, counted when it became visible."""

    __tablename__ = "import_reports"

    import_id: int = Field(primary_key=True, sa_type=BigId, foreign_key="imports.id")
    report: dict[str, Any] = Field(sa_type=Json)


class ImportChangeRow(Row, table=True):
    """The journal: what one overwritten value was before and after, so that it can be put back.

    `row_key` is the changed row's key, as `id` or `identity:day`.
    """

    __tablename__ = "import_changes"
    __table_args__ = (
        Index("ix_import_changes_import", "import_id", "id"),
        Index("ix_import_changes_row", "table", "row_key"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    import_id: int = Field(sa_type=BigId, foreign_key="imports.id")
    table: str
    row_key: str
    old: dict[str, Any] = Field(sa_type=Json)
    new: dict[str, Any] = Field(sa_type=Json)

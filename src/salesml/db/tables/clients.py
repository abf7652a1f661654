"""Clients, the ids by which sources know them, and who was erased."""

from datetime import datetime

from sqlalchemy import Column, Index, LargeBinary, String, UniqueConstraint
from sqlmodel import Field

from salesml.db.tables.base import Row
from salesml.db.types import BigId, Instant


class ClientRow(Row, table=True):
    """`import_id` is the import that first brought the client; null once anything else did too."""

    __tablename__ = "clients"
    __table_args__ = (
        Index("ix_clients_search_key", "search_key", "id"),
        Index("ix_clients_registered_at", "registered_at", "id"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = Field(default=None, index=True)
    registered_at: datetime | None = Field(default=None, sa_type=Instant)
    registered_day: int | None = None
    # Range conditions find prefixes only under byte order, which SQLite has by default.
    search_key: str = Field(
        sa_column=Column(String().with_variant(String(collation="C"), "postgresql"), nullable=False)
    )
    import_id: int | None = Field(default=None, sa_type=BigId, foreign_key="imports.id", index=True)
    created_at: datetime = Field(sa_type=Instant)


class ClientIdRow(Row, table=True):
    """A source's id; merging clients repoints `client_id` here and nothing else."""

    __tablename__ = "client_ids"
    __table_args__ = (UniqueConstraint("source", "external_id"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    source: str
    external_id: str = Field(index=True)
    client_id: int = Field(sa_type=BigId, foreign_key="clients.id", index=True)
    import_id: int | None = Field(default=None, sa_type=BigId, foreign_key="imports.id", index=True)


class ErasedRow(Row, table=True):
    """HMAC of (source, external_id) of an erased client: recognised again, not readable."""

    __tablename__ = "erased"

    digest: bytes = Field(primary_key=True, sa_type=LargeBinary)
    erased_at: datetime = Field(sa_type=Instant)

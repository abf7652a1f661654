"""Clients, the ids by which sources know them, which of them are one, and who was erased."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, LargeBinary, String, UniqueConstraint
from sqlmodel import Field

from salesml.db.tables.base import Row
from salesml.db.types import BigId, Instant, Json


class ClientRow(Row, table=True):
    """`import_id` is the import that first brought the client; null once anything else did too.

    A consent is null while nobody has said anything of it; beside it stands when it was given or taken back.
    """

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
    marketing_email: bool | None = None
    marketing_email_at: datetime | None = Field(default=None, sa_type=Instant)
    ad_user_data: bool | None = None
    ad_user_data_at: datetime | None = Field(default=None, sa_type=Instant)
    ad_personalization: bool | None = None
    ad_personalization_at: datetime | None = Field(default=None, sa_type=Instant)
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


class ClientMergeRow(Row, table=True):
    """A client that became part of another one: what it was (`fields`) and which `client_ids` were its own,
    so that the merge can be undone."""

    __tablename__ = "client_merges"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    client_id: int = Field(sa_type=BigId, foreign_key="clients.id", index=True)
    merged_client_id: int = Field(sa_type=BigId)
    fields: dict[str, Any] = Field(sa_type=Json)
    identities: list[int] = Field(sa_type=Json)
    merged_at: datetime = Field(sa_type=Instant)
    merged_by: str


class DistinctClientsRow(Row, table=True):
    """Two clients of one e-mail address whom somebody has called two people; the smaller id first."""

    __tablename__ = "distinct_clients"

    first_id: int = Field(primary_key=True, sa_type=BigId, foreign_key="clients.id")
    second_id: int = Field(primary_key=True, sa_type=BigId, foreign_key="clients.id", index=True)


class ErasedRow(Row, table=True):
    """HMAC of (source, external_id) of an erased client: recognised again, not readable."""

    __tablename__ = "erased"

    digest: bytes = Field(primary_key=True, sa_type=LargeBinary)
    erased_at: datetime = Field(sa_type=Instant)

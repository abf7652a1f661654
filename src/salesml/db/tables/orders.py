"""The order ledger. Amounts are signed minor units; orders without an identity are guests'."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlmodel import Field

from salesml.db.tables.base import Row
from salesml.db.types import BigId, Instant


class OrderRow(Row, table=True):
    """`order_id` is the source's number, or `file:<hash>:<row>` for a row that has none.

    An order that was paid in another currency keeps its `original_amount` in that one's minor units.
    """

    __tablename__ = "orders"
    __table_args__ = (
        UniqueConstraint("source", "order_id"),
        Index("ix_orders_identity_day", "identity_id", "ordered_day"),
        # With the amount in it, months are summed from the index alone: a tenth of the time.
        Index("ix_orders_day", "ordered_day", "amount"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    source: str
    order_id: str
    identity_id: int | None = Field(default=None, sa_type=BigId, foreign_key="client_ids.id")
    ordered_at: datetime = Field(sa_type=Instant)
    ordered_day: int
    amount: int = Field(sa_type=BigInteger)
    kind: str
    cancels: str | None = None
    original_amount: int | None = Field(default=None, sa_type=BigInteger)
    original_currency: str | None = None
    import_id: int | None = Field(default=None, sa_type=BigId, foreign_key="imports.id", index=True)


class OrderImportRow(Row, table=True):
    """Every import that brought an order, whether it was the first or repeated it."""

    __tablename__ = "order_imports"

    import_id: int = Field(primary_key=True, sa_type=BigId, foreign_key="imports.id")
    order_pk: int = Field(primary_key=True, sa_type=BigId, foreign_key="orders.id", index=True)

"""The order ledger. Amounts are signed minor units; orders without an identity are guests'."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlmodel import Field

from salesml.db.tables.base import Row
from salesml.db.types import BigId, Instant


class OrderRow(Row, table=True):
    """`order_id` is the source's number, or `file:<hash>:<row>` for a row that has none.

    `import_id` is the import that brought it first, of those that stand; none once it came live.

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
    # No foreign key: imports are never deleted, and PostgreSQL would look one up for every order.
    import_id: int | None = Field(default=None, sa_type=BigId, index=True)


class OrderRepeatRow(Row, table=True):
    """An import that brought an order whose row it does not own: `orders.import_id` is another one, or none.

    The view `order_imports` (import_id, order_pk) has every import that brought an order, by either.
    """

    __tablename__ = "order_repeats"
    __table_args__ = ({"sqlite_with_rowid": False},)

    import_id: int = Field(primary_key=True, sa_type=BigId, foreign_key="imports.id")
    order_pk: int = Field(primary_key=True, sa_type=BigId, foreign_key="orders.id", index=True)

"""Which orders webhooks brought, and how new what they told is."""

from datetime import datetime

from sqlmodel import Field

from salesml.db.tables.base import Row
from salesml.db.types import BigId, Instant


class WebhookOrderRow(Row, table=True):
    """A row of the ledger by the shop's own key of the order and `part`: `sale`, `cancellation` or
    `refund <id>`. It goes with the order."""

    __tablename__ = "webhook_orders"

    source: str = Field(primary_key=True)
    shop_id: str = Field(primary_key=True)
    part: str = Field(primary_key=True)
    order_pk: int = Field(sa_type=BigId, foreign_key="orders.id", ondelete="CASCADE", index=True)
    changed_at: datetime = Field(sa_type=Instant)

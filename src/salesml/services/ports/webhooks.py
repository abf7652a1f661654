"""What webhooks bring, and what they brought before."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from salesml.core.webhooks import Counting, ShopOrder, ShopSystem, StoredPart


class WebhookRepository(Protocol):
    def parts(self, source: str, shop_id: str) -> Mapping[str, StoredPart]:
        """Rows of the ledger that deliveries about an order made, by part."""

    def put(self, source: str, shop_id: str, numbers: Mapping[str, str], changed_at: datetime) -> None:
        """Remember stored orders as the parts of this one: number by part."""


class DeliveryReader(Protocol):
    def __call__(
        self, system: ShopSystem, topic: str, body: bytes, now: datetime, counting: Counting
    ) -> ShopOrder | None:
        """Understand a delivery; None when it tells nothing of orders. Raises InvalidValue for what is
        not as the system sends it."""

"""What shops tell of their orders as it happens, whatever system they run."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from salesml.core.orders import Order

SALE, CANCELLATION = "sale", "cancellation"


class ShopSystem(StrEnum):
    WOOCOMMERCE = "woocommerce"
    SHOPIFY = "shopify"


class Told(StrEnum):
    """What a delivery says of its order.

    A CANCELLED one, and an UNFINISHED one that is not paid for or a test, count only if the order was a
    sale before, or money went back. GONE and REFUND deliveries bring nothing of the order but its id.
    """

    SOLD = "sold"
    CANCELLED = "cancelled"
    UNFINISHED = "unfinished"
    GONE = "gone"
    REFUND = "refund"


@dataclass(frozen=True, kw_only=True)
class Counting:
    """What of an order's money counts: `net` leaves the tax out, `without_shipping` the cost of delivery."""

    net: bool = False
    without_shipping: bool = False


@dataclass(frozen=True, kw_only=True)
class Buyer:
    """Whom an order names; None for what it does not say."""

    client_id: str | None
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None


@dataclass(frozen=True, kw_only=True)
class ShopRefund:
    """Money given back: `amount` is positive, in major units; `at` is None where the shop keeps no time,
    `currency` where it is the order's."""

    shop_id: str
    amount: Decimal
    at: datetime | None = None
    currency: str | None = None

    @property
    def part(self) -> str:
        return f"refund {self.shop_id}"


@dataclass(frozen=True, kw_only=True)
class ShopOrder:
    """One delivery, about one order as it was at `changed_at`.

    `shop_id` is the key that the shop itself uses, `record` the sale in the fields of a batch, with the
    number that people know. `refunds` are all that there are, of a REFUND delivery the one that is new.
    `cancelled_at` is None where the shop keeps no such time.
    """

    shop_id: str
    told: Told
    changed_at: datetime
    record: Mapping[str, object] | None = None
    refunds: tuple[ShopRefund, ...] = ()
    cancelled_at: datetime | None = None
    buyer: Buyer | None = None


@dataclass(frozen=True, kw_only=True)
class StoredPart:
    """A row of the ledger that deliveries about one order made, and of when the newest of them is."""

    order: Order
    changed_at: datetime

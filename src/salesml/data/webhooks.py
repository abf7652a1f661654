"""Deliveries of WooCommerce and Shopify, as values that both have.

WooCommerce sends an order as its REST API v3 does (developer.woocommerce.com/docs/apis/rest-api, "Orders";
class-wc-webhook.php), of a deleted one the id alone. Shopify sends the Order and Refund resources of its
Admin REST API (shopify.dev/docs/api/webhooks). Clients, order numbers and states mean what they mean in
both shops' files, so that a file and a webhook may tell of one order.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from salesml.core.errors import InvalidValue
from salesml.core.webhooks import Buyer, Counting, ShopOrder, ShopRefund, ShopSystem, Told
from salesml.data.statuses import NO_SALE, REFUNDED
from salesml.data.webhook_amounts import (
    Payload,
    counted_refunds,
    money,
    objects,
    shopify_parts,
    woo_parts,
)

_EVERYTHING = "all"
_NO_SALE, _REFUNDED = re.compile(NO_SALE), re.compile(REFUNDED)
_CANCELLED = frozenset({"cancelled", "canceled"})


def read_delivery(
    system: ShopSystem, topic: str, body: bytes, now: datetime, counting: Counting
) -> ShopOrder | None:
    """Understand a delivery; None when its topic says nothing of orders. Raises InvalidValue."""
    read = _READERS.get((system, topic))
    if read is None:
        return None
    try:
        payload = json.loads(body, parse_float=Decimal)
    except (ValueError, RecursionError):
        raise InvalidValue("body", "is not JSON") from None
    if not isinstance(payload, dict):
        raise InvalidValue("body", "is not an object")
    return read(payload, now, counting)


def _woo_order(payload: Payload, now: datetime, counting: Counting) -> ShopOrder:
    status = _text(payload, "status") or ""
    total = money(payload.get("total"), "total")
    refunds = tuple(_woo_refunds(payload))
    if _REFUNDED.fullmatch(status) and not refunds:
        refunds = (ShopRefund(shop_id=_EVERYTHING, amount=total),)
    counted, currency = total - woo_parts(payload, counting), _text(payload, "currency")
    buyer = _woo_buyer(payload)
    return ShopOrder(
        shop_id=_id(payload, "id"),
        told=_told(status, is_cancelled=status in _CANCELLED),
        changed_at=_instant(payload, "date_modified_gmt") or now,
        record={
            "order_id": _text(payload, "number") or _id(payload, "id"),
            "client_id": buyer.client_id,
            "ordered_at": _iso(_instant(payload, "date_created_gmt")),
            "amount": str(counted),
            "currency": currency,
        },
        refunds=counted_refunds(refunds, total, counted, currency),
        buyer=buyer,
    )


def _woo_refunds(payload: Payload) -> Iterator[ShopRefund]:
    for refund in objects(payload, "refunds"):
        yield ShopRefund(shop_id=_id(refund, "id"), amount=abs(money(refund.get("total"), "refunds.total")))


def _woo_buyer(payload: Payload) -> Buyer:
    """By the number of the account; a guest by the address that the order was confirmed to."""
    billing = payload.get("billing") or {}
    email = _email(_text(billing, "email"))
    account = payload.get("customer_id") or None
    return Buyer(
        client_id=str(account) if account else email,
        email=email,
        first_name=_text(billing, "first_name"),
        last_name=_text(billing, "last_name"),
    )


def _woo_deleted(payload: Payload, now: datetime, _: Counting) -> ShopOrder:
    return ShopOrder(shop_id=_id(payload, "id"), told=Told.GONE, changed_at=now)


def _shopify_order(payload: Payload, now: datetime, counting: Counting) -> ShopOrder:
    cancelled_at = _instant(payload, "cancelled_at")
    told = _told(_text(payload, "financial_status") or "", is_cancelled=cancelled_at is not None)
    total, currency = money(payload.get("total_price"), "total_price"), _text(payload, "currency")
    counted = total - shopify_parts(payload, counting)
    refunds = [_shopify_refund(refund) for refund in objects(payload, "refunds")]
    buyer = _shopify_buyer(payload)
    return ShopOrder(
        shop_id=_id(payload, "id"),
        told=Told.UNFINISHED if payload.get("test") else told,
        changed_at=_instant(payload, "updated_at") or now,
        record={
            "order_id": _text(payload, "name") or _id(payload, "id"),
            "client_id": buyer.client_id,
            "ordered_at": _iso(_instant(payload, "created_at")),
            "amount": str(counted),
            "currency": currency,
        },
        refunds=counted_refunds(refunds, total, counted, currency),
        cancelled_at=cancelled_at,
        buyer=buyer,
    )


def _shopify_buyer(payload: Payload) -> Buyer:
    """By the e-mail address, which is all that Shopify's own export of orders names a client by."""
    customer = payload.get("customer") or {}
    email = _email(_text(payload, "email") or _text(payload, "contact_email") or _text(customer, "email"))
    number = customer.get("id")
    return Buyer(
        client_id=email or (str(number) if number else None),
        email=email,
        first_name=_text(customer, "first_name"),
        last_name=_text(customer, "last_name"),
    )


def _shopify_refund(refund: Payload) -> ShopRefund:
    """What was really paid back: goods can come back without money, and money without goods."""
    paid = [
        each
        for each in objects(refund, "transactions")
        if each.get("kind") == "refund" and each.get("status") == "success"
    ]
    amounts = [money(each.get("amount"), "transactions.amount") for each in paid]
    return ShopRefund(
        shop_id=_id(refund, "id"),
        amount=sum(amounts, Decimal(0)),
        at=_instant(refund, "processed_at") or _instant(refund, "created_at"),
        currency=next((_text(each, "currency") for each in paid), None),
    )


def _shopify_lone_refund(payload: Payload, now: datetime, counting: Counting) -> ShopOrder | None:
    """None where a part of the money is left out: a refund by itself does not tell of which order it is a
    share, and the order's own delivery follows it."""
    if counting.net or counting.without_shipping:
        return None
    refund = _shopify_refund(payload)
    return ShopOrder(
        shop_id=_id(payload, "order_id"), told=Told.REFUND, changed_at=refund.at or now, refunds=(refund,)
    )


def _told(status: str, *, is_cancelled: bool) -> Told:
    if is_cancelled:
        return Told.CANCELLED
    return Told.UNFINISHED if _NO_SALE.fullmatch(status.lower()) else Told.SOLD


_READERS: Mapping[tuple[ShopSystem, str], Callable[[Payload, datetime, Counting], ShopOrder | None]] = {
    (ShopSystem.WOOCOMMERCE, "order.created"): _woo_order,
    (ShopSystem.WOOCOMMERCE, "order.updated"): _woo_order,
    (ShopSystem.WOOCOMMERCE, "order.restored"): _woo_order,
    (ShopSystem.WOOCOMMERCE, "order.deleted"): _woo_deleted,
    (ShopSystem.SHOPIFY, "orders/create"): _shopify_order,
    (ShopSystem.SHOPIFY, "orders/updated"): _shopify_order,
    (ShopSystem.SHOPIFY, "orders/paid"): _shopify_order,
    (ShopSystem.SHOPIFY, "orders/cancelled"): _shopify_order,
    (ShopSystem.SHOPIFY, "refunds/create"): _shopify_lone_refund,
}


def _id(payload: Payload, name: str) -> str:
    value = payload.get(name)
    if isinstance(value, bool) or not isinstance(value, int | str) or not str(value).strip():
        raise InvalidValue(name, "is not an id")
    return str(value).strip()


def _text(payload: Any, name: str) -> str | None:
    value = payload.get(name) if isinstance(payload, dict) else None
    return value.strip() or None if isinstance(value, str) else None


def _email(text: str | None) -> str | None:
    return text.casefold() if text else None


def _instant(payload: Payload, name: str) -> datetime | None:
    """A time with its offset; UTC where it has none."""
    text = _text(payload, name)
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvalidValue(name, f"{text[:40]!r} is not a time") from None


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()

"""What of an order's money counts, where tax or the cost of delivery is left out.

WooCommerce's `total_tax` has the tax of the delivery too, and `shipping_total` is without it
(developer.woocommerce.com/docs/apis/rest-api, "Order properties"). Shopify's `total_tax` has it as well;
prices of its `shipping_lines` have their tax in them where `taxes_included` says so
(shopify.dev/docs/api/admin-rest, "Order").
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from salesml.core.errors import InvalidValue
from salesml.core.money import EXPONENTS
from salesml.core.webhooks import Counting, ShopRefund

Payload = Mapping[str, Any]
_NOTHING = Decimal(0)
_LARGEST = 10_000
"""Digits of a number that can still be reckoned with; what no order can have is refused later, by its row."""


def woo_parts(payload: Payload, counting: Counting) -> Decimal:
    """What is left out of an order of WooCommerce. Raises InvalidValue for a part that it does not tell."""
    left_out = _NOTHING
    if counting.net:
        left_out += money(payload.get("total_tax"), "total_tax")
    if counting.without_shipping:
        left_out += money(payload.get("shipping_total"), "shipping_total")
        if not counting.net:
            left_out += money(payload.get("shipping_tax"), "shipping_tax")
    return left_out


def shopify_parts(payload: Payload, counting: Counting) -> Decimal:
    """The same of an order of Shopify."""
    left_out = _NOTHING
    if counting.net:
        left_out += money(payload.get("total_tax"), "total_tax")
    if counting.without_shipping:
        for line in objects(payload, "shipping_lines"):
            price = line.get("discounted_price")
            paid = money(line.get("price") if price is None else price, "shipping_lines.price")
            rates = objects(line, "tax_lines")
            tax = sum((money(rate.get("price"), "tax_lines.price") for rate in rates), _NOTHING)
            has_tax = payload.get("taxes_included") is True
            # What is net has lost the tax of its delivery already.
            left_out += paid - (tax if has_tax else 0) if counting.net else paid + (0 if has_tax else tax)
    return left_out


def counted_refunds(
    refunds: Sequence[ShopRefund], gross: Decimal, counted: Decimal, currency: str | None
) -> tuple[ShopRefund, ...]:
    """Refunds of the gross amount as refunds of what is counted: each takes its share of it.

    All that went back so far takes the share of its sum, so that an order that went back whole, in however
    many parts, has nothing left; the earliest number comes first, whatever order they are told in.
    """
    if counted == gross:
        return tuple(refunds)
    so_far: dict[str | None, Decimal] = {}
    found = {}
    for refund in sorted(refunds, key=lambda one: (len(one.shop_id), one.shop_id)):
        paid_in = refund.currency or currency
        before = so_far.get(paid_in, _NOTHING)
        so_far[paid_in] = before + refund.amount
        shares = [_share(each, gross, counted, paid_in) for each in (before, so_far[paid_in])]
        found[refund.shop_id] = replace(refund, amount=shares[1] - shares[0])
    return tuple(found[refund.shop_id] for refund in refunds)


def _share(part: Decimal, gross: Decimal, counted: Decimal, currency: str | None) -> Decimal:
    if gross <= 0:
        return _NOTHING
    exponent = next((each for each, codes in EXPONENTS.items() if currency in codes), 2)
    try:
        return (part * counted / gross).quantize(Decimal(1).scaleb(-exponent), ROUND_HALF_EVEN)
    except ArithmeticError:
        raise InvalidValue("refunds", "is out of range") from None


def money(value: object, name: str) -> Decimal:
    """An amount as shops send it. Raises InvalidValue."""
    try:
        amount = Decimal(str(value))
    except ArithmeticError:
        raise InvalidValue(name, "is not a number") from None
    if not amount.is_finite() or amount.adjusted() > _LARGEST:
        raise InvalidValue(name, "is not a number")
    return amount


def objects(payload: Payload, name: str) -> Iterator[Payload]:
    """A list of objects, empty where it is absent. Raises InvalidValue."""
    found = payload.get(name) or []
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise InvalidValue(name, "is not a list of objects")
    return iter(found)

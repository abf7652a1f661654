"""Orders."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from pydantic import Field

from salesml.core.clients import DEFAULT_SOURCE, MAX_ID_LENGTH
from salesml.core.money import Currency
from salesml.core.orders import Order, OrderKind
from salesml.core.pages import Page
from salesml.http.schemas.base import In, Out

ORDER_EXAMPLE: dict[str, Any] = {
    "order_id": "2026/117",
    "client_id": "0042",
    "ordered_at": "2026-01-31T18:05:00+01:00",
    "amount": 149.9,
    "currency": "PLN",
}


class OrderIn(In):
    """One order of a batch. A source's order number is its key."""

    order_id: str = Field(min_length=1, max_length=MAX_ID_LENGTH)
    source: str = Field(DEFAULT_SOURCE, max_length=MAX_ID_LENGTH)
    client_id: str | None = Field(
        None, max_length=MAX_ID_LENGTH, description="the source's id of the client; null for a guest"
    )
    ordered_at: str = Field(description="ISO 8601; without an offset, a time on the shop's clock")
    amount: Decimal = Field(description="in major units; a text of a number is exact to the last digit")
    currency: str | None = Field(
        None, description="another one than the installation's needs an exchange rate"
    )
    # No enumeration class: its schema would stand apart, where the list of records does not find it.
    kind: Literal["sale", "cancellation", "refund", "adjustment"] | None = Field(
        None, description="by the amount's sign, if it is not given"
    )
    cancels: str | None = Field(None, description="number of the order that this one cancels")


class OrderOut(Out):
    order_id: str
    source: str
    client_id: str | None = Field(description="the source's id of the client")
    ordered_at: datetime
    amount: float = Field(description="signed, in major units")
    currency: str
    kind: OrderKind
    cancels: str | None
    original_amount: float | None = Field(description="what was paid, if in another currency")
    original_currency: str | None

    @staticmethod
    def of(order: Order, currency: Currency) -> "OrderOut":
        paid = None
        if order.original_amount is not None and order.original_currency is not None:
            paid = float(Currency(order.original_currency).to_major(order.original_amount))
        amount = float(currency.to_major(order.amount))
        fields = {"amount": amount, "currency": currency.code, "original_amount": paid}
        return OrderOut.model_validate({**vars(order), **fields})


class OrdersPage(Out):
    items: list[OrderOut]
    next_cursor: str | None

    @staticmethod
    def of(page: Page[Order], currency: Currency) -> "OrdersPage":
        items = [OrderOut.of(order, currency) for order in page.items]
        return OrdersPage(items=items, next_cursor=page.next_cursor)

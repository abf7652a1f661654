"""The rows of the ledger that one order of a shop comes to, as its deliveries tell of it."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from salesml.core.days import day_of
from salesml.core.orders import Order, OrderKind, cancellation_number, refund_number
from salesml.core.webhooks import CANCELLATION, SALE, ShopOrder, StoredPart, Told

Row = dict[str, Any]


@dataclass(frozen=True)
class LedgerRows:
    """The rows of one order: what a delivery tells of it over what is stored. Amounts in minor units of the
    currency that was paid in.

    An order that is void has one cancellation of its whole amount, and no refunds beside it: the two
    together would give its money back twice. A cancelled one of which only a part went back is not void:
    the shop has kept the rest.
    """

    told: ShopOrder
    stored: Mapping[str, StoredPart]
    checked: Mapping[str, Row]
    zone: ZoneInfo

    def rows(self) -> dict[str, Row]:
        """What is to be stored, by part, each under its own number."""
        refunds, total = self._refunds(), self._sale["amount"]
        whole = self._whole(refunds, total)
        is_void = whole is None and self._is_void(total, self._refunded(refunds))
        if whole is not None:
            refunds[whole] |= {"kind": OrderKind.CANCELLATION.value}
        rows = {SALE: self.checked[SALE] | {"order_id": self.number}} if SALE in self.checked else {}
        for part, row in refunds.items():
            # One that a cancellation stands for is kept as nothing: so it is known when it comes again.
            if row["amount"] or part in self.stored:
                rows[part] = row | {"amount": 0 if is_void else row["amount"]}
        if is_void or CANCELLATION in self.stored:
            rows[CANCELLATION] = self._cancellation(-total if is_void else 0)
        return rows

    @property
    def number(self) -> str:
        """What people call the order."""
        if self.told.record is not None:
            return str(self.told.record["order_id"])
        return self.stored[SALE].order.order_id

    @property
    def _sale(self) -> Row:
        return self.checked[SALE] if SALE in self.checked else self._row(self.stored[SALE].order)

    def _whole(self, refunds: Mapping[str, Row], total: int) -> str | None:
        """The refund that takes everything back at once: it is the order's cancellation, as in a file."""
        if self.told.told in (Told.GONE, Told.UNFINISHED) or self._refunded(refunds) != total:
            return None
        return next((part for part, row in refunds.items() if total and row["amount"] == -total), None)

    def _refunded(self, refunds: Mapping[str, Row]) -> int | None:
        """What went back; None when some of it did in another currency."""
        if any(row["currency"] != self._sale["currency"] for row in refunds.values() if row["amount"]):
            return None
        refunded: int = -sum(row["amount"] for row in refunds.values())
        return refunded

    def _is_void(self, total: int, refunded: int | None) -> bool:
        match self.told.told:
            case Told.GONE | Told.UNFINISHED:
                return True
            case Told.CANCELLED:
                return refunded in (0, total)
            case Told.REFUND:
                cancelled = self.stored.get(CANCELLATION)
                return cancelled is not None and cancelled.order.amount < 0 and refunded in (0, total)
            case Told.SOLD:
                return False

    def _refunds(self) -> dict[str, Row]:
        """Every refund with its number, stored ones first; one without a time of its own keeps that at
        which it was first told of."""
        known = {part: one for part, one in self.stored.items() if part not in (SALE, CANCELLATION)}
        numbers = {part: one.order.order_id for part, one in known.items()}
        found = {part: self._row(one.order) for part, one in known.items()}
        for refund in self.told.refunds:
            if refund.part not in self.checked:
                continue
            row = dict(self.checked[refund.part])
            if refund.at is None and refund.part in known:
                row |= self._time(known[refund.part].order.ordered_at)
            if refund.part not in numbers:
                candidates = (refund_number(self.number, count) for count in itertools.count(1))
                numbers[refund.part] = next(each for each in candidates if each not in numbers.values())
            found[refund.part] = row
        return {part: row | self._linked(numbers[part], OrderKind.REFUND) for part, row in found.items()}

    def _cancellation(self, amount: int) -> Row:
        before = self.stored.get(CANCELLATION)
        at = self.told.cancelled_at or self.told.changed_at
        if before is not None and before.order.amount < 0 and self.told.cancelled_at is None:
            at = before.order.ordered_at
        linked = self._linked(cancellation_number(self.number), OrderKind.CANCELLATION)
        return self._sale | {"amount": amount} | linked | self._time(at)

    def _linked(self, number: str, kind: OrderKind) -> Row:
        client = self._sale["client_external_id"]
        return {
            "order_id": number,
            "client_external_id": client,
            "kind": kind.value,
            "cancels": self.number,
        }

    def _row(self, order: Order) -> Row:
        return {
            "row": 1,
            "order_id": order.order_id,
            "client_external_id": order.client_id,
            "amount": order.amount if order.original_amount is None else order.original_amount,
            "currency": order.original_currency,
            "kind": order.kind.value,
            "cancels": order.cancels,
            **self._time(order.ordered_at),
        }

    def _time(self, at: datetime) -> Row:
        return {"ordered_at": int(at.timestamp()), "ordered_day": day_of(at, self.zone)}

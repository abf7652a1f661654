"""Orders, and which of them cancel each other."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

VOID_WITHIN_SECONDS = 14 * 86_400


class OrderKind(StrEnum):
    """What a signed amount is; stored and exported by this word."""

    SALE = "sale"
    CANCELLATION = "cancellation"
    REFUND = "refund"
    ADJUSTMENT = "adjustment"


@dataclass(frozen=True, kw_only=True)
class Order:
    """One order; `amount` is signed and in minor units, `client_id` is the source's id, None for a guest."""

    order_id: str
    source: str
    client_id: str | None
    ordered_at: datetime
    amount: int
    kind: OrderKind
    cancels: str | None = None


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """What pairing needs of one order: `at` in epoch seconds, `cancels` the id of the entry it names."""

    id: int
    client_id: int
    at: int
    amount: int
    kind: OrderKind
    cancels: int | None = None


def void_pairs(entries: Iterable[LedgerEntry]) -> list[tuple[int, int]]:
    """Pair every full cancellation with the sale that it voids, as (sale id, cancellation id).

    A cancellation that names its sale voids it when the amounts are opposite. Each other one, in
    time order, takes the latest unpaired earlier sale of the same client and opposite amount that
    is at most 14 x 24 h old. Looking only back, a later entry never changes an earlier pair.
    """
    ordered = sorted(entries, key=lambda entry: (entry.at, entry.id))
    by_id = {entry.id: entry for entry in ordered}
    pairs: list[tuple[int, int]] = []
    paired: set[int] = set()
    open_sales: dict[tuple[int, int], list[LedgerEntry]] = {}
    for entry in ordered:
        if entry.kind is OrderKind.SALE and entry.amount > 0:
            open_sales.setdefault((entry.client_id, entry.amount), []).append(entry)
        elif entry.kind is OrderKind.CANCELLATION and entry.amount < 0:
            sale = _sale_of(entry, by_id, open_sales.get((entry.client_id, -entry.amount), []), paired)
            if sale is not None:
                paired.add(sale.id)
                pairs.append((sale.id, entry.id))
    return pairs


def _sale_of(
    cancellation: LedgerEntry,
    by_id: dict[int, LedgerEntry],
    candidates: list[LedgerEntry],
    paired: set[int],
) -> LedgerEntry | None:
    if cancellation.cancels is not None:
        sale = by_id.get(cancellation.cancels)
        full = sale is not None and sale.amount == -cancellation.amount and sale.id not in paired
        return sale if full else None
    while candidates and candidates[-1].id in paired:
        candidates.pop()
    latest = candidates[-1] if candidates else None
    if latest is None or not 0 < cancellation.at - latest.at <= VOID_WITHIN_SECONDS:
        return None
    return candidates.pop()

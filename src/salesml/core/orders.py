"""Orders, and which of them cancel each other."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
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
    """One order; `amount` is signed and in minor units, `client_id` is the source's id, None for a guest.

    One that was paid in another currency has `original_amount` in that one's minor units.
    """

    order_id: str
    source: str
    client_id: str | None
    ordered_at: datetime
    amount: int
    kind: OrderKind
    cancels: str | None = None
    original_amount: int | None = None
    original_currency: str | None = None


def refund_number(order_id: str, count: int = 1) -> str:
    """The number of the `count`-th refund of an order, where the shop gives it none."""
    return f"{order_id}/refund" if count == 1 else f"{order_id}/refund-{count}"


def cancellation_number(order_id: str) -> str:
    """The number of an order's cancellation, where the shop gives it none."""
    return f"{order_id}/cancellation"


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

    A cancellation that names a sale voids that one, whatever its time and client, if the amounts are
    opposite, and otherwise nothing. Each other one, in time order, takes the latest
    unpaired sale of the same client and opposite amount that is not later and at most 14 x 24 h old;
    of one instant (shops round to minutes or days), the sale comes first. A named sale that such a
    guess had taken stays where it is, and the cancellation voids what the guess would have taken
    instead, so that no later entry ever changes an earlier pair.
    """
    ledger = list(entries)
    sales = {entry.id: entry for entry in ledger if entry.kind is OrderKind.SALE}
    cancelled = [entry for entry in ledger if entry.kind is OrderKind.CANCELLATION and entry.amount < 0]
    pairing = _Pairing(sales)
    for entry in sorted([*sales.values(), *cancelled], key=pairing.turn):
        if entry.id in sales:
            pairing.open.setdefault((entry.client_id, entry.amount), []).append(entry)
        else:
            pairing.cancel(entry)
    return list(pairing.pairs.items())


@dataclass
class _Pairing:
    """Pairs so far; `guessed` holds, by sale, the cancellation that took it without naming it."""

    sales: Mapping[int, LedgerEntry]
    open: dict[tuple[int, int], list[LedgerEntry]] = field(default_factory=dict)
    pairs: dict[int, int] = field(default_factory=dict)
    guessed: dict[int, LedgerEntry] = field(default_factory=dict)

    def turn(self, entry: LedgerEntry) -> tuple[int, int, int]:
        """Sort key: time; at one time sales, then cancellations that name one, then the others."""
        rank = 0 if entry.id in self.sales else 2 if entry.cancels is None else 1
        return entry.at, rank, entry.id

    def cancel(self, cancellation: LedgerEntry) -> None:
        named = cancellation.cancels
        sale = self._guess(cancellation) if named is None else self._named(named, cancellation.amount)
        if sale is not None:
            self.pairs[sale.id] = cancellation.id

    def _named(self, sale_id: int, amount: int) -> LedgerEntry | None:
        """The named sale, or what the cancellation that guessed it would have taken instead."""
        sale = self.sales.get(sale_id)
        if sale is None or sale.amount != -amount:
            return None
        if sale.id not in self.pairs:
            return sale
        guess = self.guessed.pop(sale.id, None)
        return None if guess is None else self._guess(guess)

    def _guess(self, cancellation: LedgerEntry) -> LedgerEntry | None:
        """The sale that the rule gives to a cancellation, noted as guessed for it."""
        candidates = self.open.get((cancellation.client_id, -cancellation.amount), [])
        while candidates and candidates[-1].id in self.pairs:
            candidates.pop()
        for sale in reversed(candidates):
            if sale.at < cancellation.at - VOID_WITHIN_SECONDS:
                break
            if sale.at <= cancellation.at and sale.id not in self.pairs:
                self.guessed[sale.id] = cancellation
                return sale
        return None

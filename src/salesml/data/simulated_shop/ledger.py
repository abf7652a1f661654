"""The shop's order book: what wishes end in, and what comes back."""

from dataclasses import dataclass

import numpy as np

from salesml.core.days import SECONDS_PER_DAY
from salesml.core.orders import VOID_WITHIN_SECONDS, OrderKind
from salesml.data.simulated_shop.behaviour import Intents
from salesml.data.simulated_shop.people import People

_SPREAD = 0.45
"""Deviation of log amounts between the orders of one client."""
_FREE_SHARE, _CANCELLED_SHARE, _REFUNDED_SHARE = 0.003, 0.012, 0.035
_FIRST_HOUR, _LAST_HOUR = 7, 23
_KINDS = np.array([kind.value for kind in (OrderKind.SALE, OrderKind.CANCELLATION, OrderKind.REFUND)])


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """Orders by time; `at` in seconds since the span's first midnight, `amount` in minor units."""

    client: np.ndarray
    at: np.ndarray
    amount: np.ndarray
    kind: np.ndarray


def book(rng: np.random.Generator, people: People, intents: Intents, days: int, exponent: int) -> Ledger:
    """Every order that the wishes lead to within the span, with its cancellations and refunds."""
    bought = intents.buys & (intents.end < days)
    client, day = intents.client[bought], intents.end[bought]
    clock = rng.integers(_FIRST_HOUR * 3600, _LAST_HOUR * 3600, len(client))
    soon = people.registered[client] + rng.integers(180, 3600, len(client))
    at = np.where(day == people.joined[client], soon, day * SECONDS_PER_DAY + clock)
    sum_ = people.basket[client] * np.exp(_SPREAD * rng.standard_normal(len(client)))
    free = rng.random(len(client)) < _FREE_SHARE
    amount = np.where(free, 0, np.rint(sum_ * 10**exponent)).astype(np.int64)
    sales = Ledger(client=client, at=at, amount=amount, kind=np.full(len(client), _KINDS[0]))
    return _by_time((sales, _returned(rng, sales, days)))


def _returned(rng: np.random.Generator, sales: Ledger, days: int) -> Ledger:
    """Full cancellations and part refunds, each within 14 days of its order."""
    draw = rng.random(len(sales.at))
    cancelled = draw < _CANCELLED_SHARE
    at = sales.at + rng.integers(3600, VOID_WITHIN_SECONDS - SECONDS_PER_DAY, len(draw))
    part = rng.uniform(0.2, 0.9, len(draw))
    amount = -np.where(cancelled, sales.amount, np.rint(sales.amount * part)).astype(np.int64)
    back = (draw < _CANCELLED_SHARE + _REFUNDED_SHARE) & (amount < 0) & (at < days * SECONDS_PER_DAY)
    return Ledger(
        client=sales.client[back],
        at=at[back],
        amount=amount[back],
        kind=np.where(cancelled, _KINDS[1], _KINDS[2])[back],
    )


def _by_time(parts: tuple[Ledger, ...]) -> Ledger:
    client, at, amount, kind = (
        np.concatenate([getattr(part, name) for part in parts]) for name in ("client", "at", "amount", "kind")
    )
    order = np.lexsort((client, at))
    return Ledger(client=client[order], at=at[order], amount=amount[order], kind=kind[order])

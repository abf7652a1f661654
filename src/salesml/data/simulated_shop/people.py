"""Who comes to the shop: kinds of clients, and one client's own habits drawn from their kind."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from salesml.core.days import DAYS_PER_MONTH, SECONDS_PER_DAY


class Kind(NamedTuple):
    """Habits that clients of one kind share, as means or probabilities.

    `intents` counts wishes to buy in a month, of which the share `conversion` ends in an order; the
    client's own rate is gamma distributed with shape `evenness`. `at_once` is the chance that the first
    visit ends in an order, `leaving` the risk in a month of never coming back. `basket` is the median order
    in major units, `december` the height of the December peak over the usual rate, `idle` the visits in a
    month that mean nothing. The share `subscribes` gets newsletters and opens a share `opens` of them; an
    opened one wakes a wish to buy with chance `persuaded`.
    """

    name: str
    share: float
    intents: float
    evenness: float
    conversion: float
    at_once: float
    leaving: float
    basket: float
    december: float
    idle: float
    subscribes: float
    opens: float
    persuaded: float


# fmt: off
KINDS = (
    #     name          share intents even  conv  once  leave  bask dec  idle subs  opens persuaded
    Kind("regular",     0.15, 1.50,   3.0,  0.62, 0.90, 0.015, 150, 1.5, 2.0, 0.45, 0.35, 0.08),
    Kind("occasional",  0.29, 0.32,   1.5,  0.50, 0.85, 0.030, 155, 1.7, 1.0, 0.30, 0.25, 0.08),
    Kind("gift buyer",  0.12, 0.13,   1.5,  0.60, 0.80, 0.020, 190, 8.0, 0.5, 0.25, 0.20, 0.04),
    Kind("one-time",    0.20, 0.02,   1.0,  0.35, 1.00, 0.150, 130, 1.3, 0.2, 0.15, 0.15, 0.00),
    Kind("lapsing",     0.10, 1.30,   2.0,  0.60, 0.95, 0.200, 160, 1.4, 1.5, 0.35, 0.30, 0.06),
    Kind("newsletter",  0.06, 0.25,   1.5,  0.55, 0.60, 0.020, 125, 1.5, 1.5, 1.00, 0.55, 0.22),
    Kind("never buys",  0.08, 0.25,   1.0,  0.00, 0.00, 0.080, 140, 1.4, 1.5, 0.50, 0.25, 0.05),
)
# fmt: on

_BASKET_SPREAD = 0.40
"""Deviation of log baskets between clients of one kind."""
_OPENING_HOUR, _CLOSING_HOUR = 7, 20


@dataclass(frozen=True, kw_only=True)
class People:
    """One entry per client in each array; days count from 0, the first day of the span.

    `left` is the first day on which the client is gone for good (may lie beyond the span),
    `registered` is in seconds since the span's first midnight on the shop's clock.
    """

    kind: np.ndarray
    joined: np.ndarray
    left: np.ndarray
    registered: np.ndarray
    intents_per_day: np.ndarray
    idle_per_day: np.ndarray
    basket: np.ndarray
    opens: np.ndarray

    def of_kind(self, habit: str) -> np.ndarray:
        """A habit of each client's kind."""
        return np.asarray(per_kind(habit)[self.kind])


def per_kind(habit: str) -> np.ndarray:
    """One habit of all kinds, in their order."""
    return np.array([getattr(kind, habit) for kind in KINDS], dtype=np.float64)


def gather(rng: np.random.Generator, clients: int, days: int, arrivals: np.ndarray) -> People:
    """Draw so many clients who arrive over `days` days as `arrivals` weighs them, the first comer first."""
    share = per_kind("share")
    kind = rng.choice(len(KINDS), size=clients, p=share / share.sum())
    joined = np.sort(rng.choice(days, size=clients, p=arrivals / arrivals.sum()))
    clock = rng.integers(_OPENING_HOUR * 3600, _CLOSING_HOUR * 3600, size=clients)
    stays = rng.exponential(DAYS_PER_MONTH / per_kind("leaving")[kind])
    evenness = per_kind("evenness")[kind]
    own = rng.gamma(evenness) / evenness
    return People(
        kind=kind,
        joined=joined,
        left=joined + 1 + np.minimum(stays, 10 * days).astype(np.int64),
        registered=np.sort(joined * SECONDS_PER_DAY + clock),
        intents_per_day=own * per_kind("intents")[kind] / DAYS_PER_MONTH,
        idle_per_day=rng.gamma(1.5, 1 / 1.5, size=clients) * per_kind("idle")[kind] / DAYS_PER_MONTH,
        basket=per_kind("basket")[kind] * np.exp(_BASKET_SPREAD * rng.standard_normal(clients)),
        opens=_opening(rng, kind),
    )


def _opening(rng: np.random.Generator, kind: np.ndarray) -> np.ndarray:
    """Chance that a client opens one newsletter, 0 for those who did not subscribe."""
    subscribed = rng.random(len(kind)) < per_kind("subscribes")[kind]
    mean = per_kind("opens")[kind]
    return np.asarray(np.where(subscribed, rng.beta(6 * mean, 6 * (1 - mean)), 0.0))

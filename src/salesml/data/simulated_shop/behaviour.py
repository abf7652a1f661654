"""What clients do on the site before, and whether or not, they buy.

A wish to buy arises, raises visits, time on site and ad clicks for some days, and then ends, with or
without an order. Beside it there are visits that mean nothing and newsletters, of which some wake a
wish. Nothing here is drawn from an order: orders follow from wishes that end in one.
"""

from dataclasses import dataclass

import numpy as np

from salesml.data.simulated_shop.people import People

_MEAN_LEAD_DAYS = 5.0
_MAX_LEAD_DAYS = 21
_AT_ONCE = 0.75
"""Share of first orders that are made on the day of registration."""
_AFTER_LEAVING = 0.12
"""Those who left for good still look in, or open a mail, at this share of their old habit."""
_SECONDS = {"idle": 110.0, "intent": 260.0}
"""Median time on site of one visit."""


@dataclass(frozen=True, kw_only=True)
class Intents:
    """Wishes to buy: who, the day it arises, the day it ends, and whether it ends in an order."""

    client: np.ndarray
    start: np.ndarray
    end: np.ndarray
    buys: np.ndarray


@dataclass(frozen=True, kw_only=True)
class Traces:
    """Things seen of a client on a day; several entries of one client and day add up."""

    client: np.ndarray
    day: np.ndarray
    visits: np.ndarray
    seconds: np.ndarray
    ad_clicks: np.ndarray
    opens: np.ndarray


def opened_newsletters(
    rng: np.random.Generator, people: People, sent: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Who opened a newsletter and on which day, for mails sent on the days `sent`."""
    there = people.joined[:, None] <= sent
    chance = people.opens[:, None] * np.where(sent < people.left[:, None], 1.0, _AFTER_LEAVING)
    client, mail = np.nonzero((rng.random(chance.shape) < chance) & there)
    return client, sent[mail]


def wishes(
    rng: np.random.Generator,
    people: People,
    weights: np.ndarray,
    opened: tuple[np.ndarray, np.ndarray],
) -> Intents:
    """All wishes to buy that arise within the span; some end after it. `weights` is (kinds, days)."""
    own_client, own_start = _of_their_own(rng, people, weights)
    mailed_client, mailed_start = _woken(rng, people, opened)
    first = np.flatnonzero(rng.random(len(people.kind)) < people.of_kind("at_once"))
    later = np.concatenate([own_client, mailed_client])
    start = np.concatenate([own_start, mailed_start])
    lead = np.minimum(rng.gamma(1.6, _MEAN_LEAD_DAYS / 1.6, len(later)).astype(np.int64), _MAX_LEAD_DAYS)
    first_lead = np.where(rng.random(len(first)) < _AT_ONCE, 0, rng.geometric(0.4, len(first)))
    return Intents(
        client=np.concatenate([first, later]),
        start=np.concatenate([people.joined[first], start]),
        end=np.concatenate([people.joined[first] + first_lead, start + lead]),
        buys=np.concatenate(
            [np.ones(len(first), bool), rng.random(len(later)) < people.of_kind("conversion")[later]]
        ),
    )


def shopping(rng: np.random.Generator, intents: Intents, days: int) -> Traces:
    """Visits of those who wish to buy, denser the nearer the end, certain on the day of an order."""
    lengths = intents.end - intents.start + 1
    of = np.repeat(np.arange(len(lengths)), lengths)
    offset = np.arange(len(of)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    day = intents.start[of] + offset
    last = day == intents.end[of]
    keen = np.where(intents.buys[of], 0.50, 0.38) + 0.25 * (offset + 1) / lengths[of]
    seen = ((rng.random(len(of)) < keen) | (last & intents.buys[of])) & (day < days)
    visits = 1 + rng.poisson(0.7, int(seen.sum()))
    return _visited(rng, intents.client[of[seen]], day[seen], visits, "intent", 0.16)


def idling(rng: np.random.Generator, people: People, days: int) -> Traces:
    """Visits that mean nothing."""
    until = np.minimum(people.left, days)
    here = _scatter(rng, people.idle_per_day, people.joined, until)
    gone = _scatter(rng, people.idle_per_day * _AFTER_LEAVING, until, np.full(len(until), days))
    client, day = np.concatenate([here, gone], axis=1)
    return _visited(rng, client, day, np.ones(len(client), np.int64), "idle", 0.05)


def reading(opened: tuple[np.ndarray, np.ndarray]) -> Traces:
    """Opened newsletters."""
    client, day = opened
    none = np.zeros(len(client), np.int64)
    return Traces(client=client, day=day, visits=none, seconds=none, ad_clicks=none, opens=none + 1)


def daily(traces: tuple[Traces, ...], days: int) -> Traces:
    """One entry per client and day, by client and day."""
    key = np.concatenate([one.client * days + one.day for one in traces])
    cells, cell = np.unique(key, return_inverse=True)

    def total(metric: str) -> np.ndarray:
        values = np.concatenate([getattr(one, metric) for one in traces])
        return np.bincount(cell, weights=values, minlength=len(cells)).astype(np.int64)

    return Traces(
        client=cells // days,
        day=cells % days,
        visits=total("visits"),
        seconds=total("seconds"),
        ad_clicks=total("ad_clicks"),
        opens=total("opens"),
    )


def _of_their_own(
    rng: np.random.Generator, people: People, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Wishes by thinning (Lewis and Shedler 1979): drawn at the peak's rate, kept by the day's weight."""
    peak = weights.max(axis=1)
    until = np.minimum(people.left, weights.shape[1])
    client, day = _scatter(rng, people.intents_per_day * peak[people.kind], people.joined + 1, until)
    kind = people.kind[client]
    kept = rng.random(len(client)) * peak[kind] < weights[kind, day]
    return client[kept], day[kept]


def _woken(
    rng: np.random.Generator, people: People, opened: tuple[np.ndarray, np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    client, day = opened
    woken = (rng.random(len(client)) < people.of_kind("persuaded")[client]) & (day < people.left[client])
    return client[woken], day[woken]


def _scatter(
    rng: np.random.Generator, per_day: np.ndarray, first: np.ndarray, until: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """A Poisson number of days for each client, anywhere in [first, until)."""
    width = np.maximum(until - first, 0)
    client = np.repeat(np.arange(len(per_day)), rng.poisson(per_day * width))
    return client, first[client] + (rng.random(len(client)) * width[client]).astype(np.int64)


def _visited(
    rng: np.random.Generator, client: np.ndarray, day: np.ndarray, visits: np.ndarray, why: str, clicks: float
) -> Traces:
    seconds = visits * _SECONDS[why] * np.exp(0.7 * rng.standard_normal(len(client)))
    return Traces(
        client=client,
        day=day,
        visits=visits,
        seconds=1 + seconds.astype(np.int64),
        ad_clicks=rng.binomial(visits, clicks),
        opens=np.zeros(len(client), np.int64),
    )

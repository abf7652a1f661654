"""A simulated shop as tables, and as the Parquet files that the ordinary importer reads unasked."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from salesml.core.days import DAYS_PER_MONTH, SECONDS_PER_DAY
from salesml.core.errors import InvalidValue
from salesml.core.money import Currency
from salesml.data.simulated_shop import behaviour, ledger, names, people, season

_PLN = Currency("PLN")


@dataclass(frozen=True, kw_only=True)
class SimulatedShop:
    """Everything that the shop saw from `first_day` to `last_day` (epoch days, both inside).

    `clients`: client_id, first_name, last_name, email, registered_at. `orders`, by time: order_id,
    client_id, ordered_at, amount (decimal, major units), currency, kind. `activity`, by client and day:
    client_id, day, visits, seconds_on_site, ad_clicks, newsletter_opens. Times are on the shop's clock,
    without a zone, so that days are the same in every time zone.
    """

    first_day: int
    last_day: int
    clients: pa.Table
    orders: pa.Table
    activity: pa.Table


def simulate(
    *, seed: int, last_day: int, clients: int = 5000, months: int = 24, currency: Currency = _PLN
) -> SimulatedShop:
    """Make up a shop whose newest day is `last_day`; the same arguments give the same shop.

    Clients of seven kinds arrive over the whole span, buy at rates of their own (gamma) until they leave
    for good (exponential), spend lognormal baskets, more often in December, and show on the site that they
    are about to buy. Raises InvalidValue for a size below 1.
    """
    for field, value in (("clients", clients), ("months", months)):
        if value < 1:
            raise InvalidValue(field, "must be 1 or more")
    rng = np.random.default_rng(seed)
    days = round(months * DAYS_PER_MONTH)
    first_day = last_day - days + 1
    weights = season.weights(first_day, days, people.per_kind("december"))
    crowd = people.gather(rng, clients, days, weights.mean(axis=0))
    opened = behaviour.opened_newsletters(rng, crowd, season.newsletter_days(first_day, days))
    intents = behaviour.wishes(rng, crowd, weights, opened)
    book = ledger.book(rng, crowd, intents, days, currency.exponent)
    seen = (behaviour.shopping(rng, intents, days), behaviour.idling(rng, crowd, days))
    traces = behaviour.daily((*seen, behaviour.reading(opened)), days)
    return SimulatedShop(
        first_day=first_day,
        last_day=last_day,
        clients=_clients(rng, crowd, first_day),
        orders=_orders(book, names.client_ids(clients), first_day, currency),
        activity=_activity(traces, names.client_ids(clients), first_day),
    )


def write(shop: SimulatedShop, folder: Path) -> tuple[Path, Path, Path]:
    """Write clients.parquet, orders.parquet and activity.parquet into an existing folder; their paths."""
    paths = (folder / "clients.parquet", folder / "orders.parquet", folder / "activity.parquet")
    for path, table in zip(paths, (shop.clients, shop.orders, shop.activity), strict=True):
        pq.write_table(table, path, compression="zstd")
    return paths


def _clients(rng: np.random.Generator, crowd: people.People, first_day: int) -> pa.Table:
    columns = names.columns(rng, len(crowd.kind))
    return pa.table({**columns, "registered_at": _clock(crowd.registered, first_day)})


def _orders(book: ledger.Ledger, ids: pa.Array, first_day: int, currency: Currency) -> pa.Table:
    major = [currency.to_major(minor) for minor in book.amount.tolist()]
    return pa.table(
        {
            "order_id": pa.array([f"Z{number:07d}" for number in range(1, len(book.at) + 1)], pa.string()),
            "client_id": ids.take(pa.array(book.client)),
            "ordered_at": _clock(book.at, first_day),
            "amount": pa.array(major, pa.decimal128(18, currency.exponent)),
            "currency": pa.array([currency.code] * len(major), pa.string()),
            "kind": pa.array(book.kind, pa.string()),
        }
    )


def _activity(traces: behaviour.Traces, ids: pa.Array, first_day: int) -> pa.Table:
    return pa.table(
        {
            "client_id": ids.take(pa.array(traces.client)),
            "day": pa.array((traces.day + first_day).astype(np.int32), pa.int32()).cast(pa.date32()),
            "visits": traces.visits,
            "seconds_on_site": traces.seconds,
            "ad_clicks": traces.ad_clicks,
            "newsletter_opens": traces.opens,
        }
    )


def _clock(seconds: np.ndarray, first_day: int) -> pa.Array:
    return pa.array(seconds + first_day * SECONDS_PER_DAY, pa.int64()).cast(pa.timestamp("s"))

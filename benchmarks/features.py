"""All features of one as-of date, and of twelve, beside a bare recency-frequency-money query.

The yardstick is what every customer model begins with: count, sum and last day of the orders of each
client, by DuckDB on the same Arrow table, with neither activity, windows, void pairs nor as-of dates.
"""

from functools import partial

import duckdb
import numpy as np
import pyarrow as pa

from benchmarks.measure import interleaved, show
from salesml.core.activity import METRICS, Coverage
from salesml.ml.features.engine import features
from salesml.ml.history import History

CLIENTS, ORDERS, ACTIVITY, DAYS = 100_000, 1_000_000, 3_000_000, 730
FIRST_DAY = 20_000
ROUNDS = 3


def run() -> None:
    history = _history()
    orders = history.orders

    def rfm() -> None:
        connection = duckdb.connect()
        connection.register("orders", orders)
        query = "SELECT client_id, count(*), sum(amount), max(day) FROM orders GROUP BY client_id"
        connection.sql(query).to_arrow_table()

    last = FIRST_DAY + DAYS - 1
    for dates in (1, 12):
        days = [last - 30 * number for number in range(dates)]
        ours, theirs = interleaved(partial(features, history, days), rfm, ROUNDS)
        show(f"{dates} as-of dates, {CLIENTS:,} clients, {ORDERS:,} orders", ours, "bare RFM query", theirs)


def _history() -> History:
    rng = np.random.default_rng(1)
    day = np.sort(rng.integers(FIRST_DAY, FIRST_DAY + DAYS, ORDERS))
    amount = rng.integers(100, 50_000, ORDERS)
    cancelled = rng.random(ORDERS) < 0.02
    orders = pa.table(
        {
            "id": pa.array(np.arange(ORDERS), pa.int64()),
            "client_id": pa.array(rng.integers(1, CLIENTS + 1, ORDERS), pa.int64()),
            "at": pa.array(day * 86_400 + rng.integers(0, 86_400, ORDERS), pa.int64()),
            "day": pa.array(day, pa.int32()),
            "amount": pa.array(np.where(cancelled, -amount, amount), pa.int64()),
            "kind": pa.array(np.where(cancelled, "cancellation", "sale"), pa.string()),
            "cancels": pa.nulls(ORDERS, pa.int64()),
        }
    )
    activity = pa.table(
        {
            "client_id": pa.array(rng.integers(1, CLIENTS + 1, ACTIVITY), pa.int64()),
            "day": pa.array(rng.integers(FIRST_DAY, FIRST_DAY + DAYS, ACTIVITY), pa.int32()),
            **{name: pa.array(rng.integers(0, 5, ACTIVITY), pa.int64()) for name in METRICS},
        }
    )
    clients = pa.table(
        {
            "client_id": pa.array(np.arange(1, CLIENTS + 1), pa.int64()),
            "registered_day": pa.nulls(CLIENTS, pa.int32()),
        }
    )
    known = {
        name: Coverage(metric=name, first_day=FIRST_DAY, last_day=FIRST_DAY + DAYS - 1) for name in METRICS
    }
    return History(clients=clients, orders=orders, activity=activity, coverage=known)

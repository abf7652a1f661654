"""A small made-up shop whose visits really precede purchases, and a way to change its history."""

from collections.abc import Callable, Mapping

import numpy as np
import pyarrow as pa
import pytest

from salesml.core.activity import METRICS, Coverage
from salesml.ml.history import History
from salesml.ml.material import Material, prepare

FIRST_DAY, AS_OF, LAST_DAY = 20_000, 20_240, 20_275
CLIENTS = 250
Columns = Mapping[str, list[int]]


def _table(columns: Columns, types: Mapping[str, pa.DataType]) -> pa.Table:
    return pa.table({name: pa.array(columns[name], kind) for name, kind in types.items()})


def make_history(orders: Columns, activity: Columns | None = None, first_visit: int | None = None) -> History:
    """`orders` has client_id, day and amount; ids and times follow, kinds are sales and refunds."""
    count = len(orders["day"])
    ledger = _table(orders, {"client_id": pa.int64(), "day": pa.int32(), "amount": pa.int64()})
    for name, values, kind in (
        ("id", range(1, count + 1), pa.int64()),
        ("at", [day * 86_400 + number % 80_000 for number, day in enumerate(orders["day"])], pa.int64()),
        ("kind", ["sale" if amount > 0 else "refund" for amount in orders["amount"]], pa.string()),
        ("cancels", [None] * count, pa.int64()),
    ):
        ledger = ledger.append_column(name, pa.array(values, kind))
    ids = sorted(set(orders["client_id"]) | set((activity or {}).get("client_id", [])))
    daily = activity or {name: [] for name in ("client_id", "day", *METRICS)}
    return History(
        clients=pa.table(
            {"client_id": pa.array(ids, pa.int64()), "registered_day": pa.nulls(len(ids), pa.int32())}
        ),
        orders=ledger,
        activity=_table(
            daily, {"client_id": pa.int64(), "day": pa.int32(), **dict.fromkeys(METRICS, pa.int64())}
        ),
        coverage={} if first_visit is None else _coverage(first_visit),
    )


def _coverage(first_day: int) -> dict[str, Coverage]:
    return {name: Coverage(metric=name, first_day=first_day, last_day=LAST_DAY) for name in METRICS}


def _simulate() -> tuple[Columns, Columns]:
    rng = np.random.default_rng(7)
    days = np.arange(FIRST_DAY, LAST_DAY + 1)
    rates = rng.gamma(0.6, 0.06, CLIENTS)
    starts = rng.integers(FIRST_DAY, AS_OF - 60, CLIENTS)
    starts[0] = FIRST_DAY
    alive = days[None, :] >= starts[:, None]
    interest = alive & (rng.random(alive.shape) < np.minimum(3 * rates, 0.8)[:, None])
    bought = interest & (rng.random(alive.shape) < 0.35)
    bought[np.arange(CLIENTS), starts - FIRST_DAY] = np.arange(CLIENTS) % 10 > 0
    client, day = np.nonzero(bought)
    amounts = np.round(rng.lognormal(8, 0.6, len(client))).astype(int)
    visitor, visited = np.nonzero(interest | (alive & (rng.random(alive.shape) < 0.01)))
    orders = {
        "client_id": (client + 1).tolist(),
        "day": days[day].tolist(),
        "amount": amounts.tolist(),
    }
    activity = {
        "client_id": (visitor + 1).tolist(),
        "day": days[visited].tolist(),
        "visits": rng.integers(1, 4, len(visitor)).tolist(),
        "seconds_on_site": rng.integers(10, 900, len(visitor)).tolist(),
        "ad_clicks": rng.integers(0, 2, len(visitor)).tolist(),
        "newsletter_opens": rng.integers(0, 2, len(visitor)).tolist(),
    }
    return orders, activity


@pytest.fixture(scope="session")
def simulated() -> tuple[Columns, Columns]:
    return _simulate()


@pytest.fixture(scope="session")
def shop(simulated: tuple[Columns, Columns]) -> History:
    """275 days of orders and activity of 250 clients, a tenth of whom start without a purchase."""
    return make_history(*simulated, first_visit=FIRST_DAY)


@pytest.fixture(scope="session")
def orders_alone(simulated: tuple[Columns, Columns]) -> History:
    return make_history(simulated[0])


@pytest.fixture(scope="session")
def history_of() -> Callable[..., History]:
    return make_history


@pytest.fixture(scope="session")
def material(shop: History) -> Material:
    return prepare(shop, AS_OF)

"""Training both targets as the product does: features, three origins and the served fit of the default.

200,000 clients at 12 training dates must stay within 10 minutes and 8 GB on two processors. The yardstick
is the linear and logistic regression of the kernel's features on the same material.
"""

import resource
import time

import numpy as np
import pyarrow as pa

from benchmarks.measure import show
from salesml.core.activity import METRICS
from salesml.core.models import DEFAULT_THRESHOLD, ModelRole, Target
from salesml.core.money import Currency
from salesml.ml.estimators import KERNEL_ESTIMATOR
from salesml.ml.features.engine import Resources
from salesml.ml.history import History
from salesml.ml.material import Material, prepare
from salesml.ml.training import train

CLIENTS, DAYS, FIRST_DAY = 200_000, 480, 20_000
MEMORY_MB = 2_000


def run() -> None:
    started = time.perf_counter()
    material = prepare(_history(), FIRST_DAY + DAYS - 1, Resources(memory_mb=MEMORY_MB))
    prepared = time.perf_counter() - started
    rows = sum(table.num_rows for table in material.examples.features.values())
    print(
        f"features and labels of {rows:,} rows at {len(material.examples.features)} dates: {prepared:.0f} s"
    )
    for target in Target:
        ours = _seconds(material, target, None)
        theirs = _seconds(material, target, KERNEL_ESTIMATOR[target])
        show(f"{target}, default recipe", ours, KERNEL_ESTIMATOR[target], theirs)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"all: {time.perf_counter() - started:.0f} s, at most {peak:.1f} GiB of memory")


def _seconds(material: Material, target: Target, estimator: str | None) -> float:
    started = time.perf_counter()
    train(
        material,
        target,
        ModelRole.CLIENTS,
        threshold=DEFAULT_THRESHOLD,
        currency=Currency("PLN"),
        estimator=estimator,
    )
    return time.perf_counter() - started


def _history() -> History:
    """Clients with rates of their own (gamma), lognormal baskets, and no activity."""
    rng = np.random.default_rng(1)
    rate = rng.gamma(0.6, 0.02, CLIENTS)
    start = rng.integers(0, DAYS - 60, CLIENTS)
    count = 1 + rng.poisson(rate * (DAYS - start))
    client = np.repeat(np.arange(1, CLIENTS + 1), count)
    later = np.floor(rng.random(len(client)) * (DAYS - np.repeat(start, count))).astype(np.int64)
    first = np.concatenate([[True], client[1:] != client[:-1]])
    day = FIRST_DAY + np.repeat(start, count) + np.where(first, 0, later)
    level = np.repeat(rng.lognormal(8.5, 0.6, CLIENTS), count)
    orders = len(client)
    return History(
        clients=pa.table(
            {
                "client_id": pa.array(np.arange(1, CLIENTS + 1), pa.int64()),
                "registered_day": pa.nulls(CLIENTS, pa.int32()),
            }
        ),
        orders=pa.table(
            {
                "id": pa.array(np.arange(orders), pa.int64()),
                "client_id": pa.array(client, pa.int64()),
                "at": pa.array(day * 86_400, pa.int64()),
                "day": pa.array(day, pa.int32()),
                "amount": pa.array((level * rng.lognormal(0, 0.4, orders)).astype(np.int64) + 1, pa.int64()),
                "kind": pa.array(["sale"] * orders, pa.string()),
                "cancels": pa.nulls(orders, pa.int64()),
            }
        ),
        activity=pa.table(
            {
                "client_id": pa.array([], pa.int64()),
                "day": pa.array([], pa.int32()),
                **{name: pa.array([], pa.int64()) for name in METRICS},
            }
        ),
        coverage={},
    )

"""The simulated shop can be foreseen, and not too well, from the five features of each model."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from salesml.core.activity import METRICS, Coverage
from salesml.core.days import SECONDS_PER_DAY, parse_day
from salesml.core.models import DEFAULT_THRESHOLD, ModelRole, Target
from salesml.core.money import Currency
from salesml.data.simulated_shop import SimulatedShop, simulate
from salesml.ml.history import History
from salesml.ml.material import prepare
from salesml.ml.training import train

LAST_DAY = parse_day("2026-10-31")
PLN = Currency("PLN")


def test_five_features_foresee_sales_and_purchases_out_of_time() -> None:
    material = prepare(_history(simulate(seed=1, last_day=LAST_DAY)), LAST_DAY)
    sales, purchase = (
        train(material, target, ModelRole.KERNEL, threshold=DEFAULT_THRESHOLD, currency=PLN)
        for target in (Target.SALES, Target.PURCHASE)
    )
    assert 0.75 < _value(purchase.metrics, "roc_auc") < 0.90
    base_rate = purchase.baselines["base_rate"]
    assert _value(purchase.metrics, "log_loss") < 0.9 * _value(base_rate, "log_loss")
    for name in ("repeat_last_30_days", "mean_spend"):
        assert _value(sales.metrics, "rmse") < 0.95 * _value(sales.baselines[name], "rmse")


def _value(metrics: Mapping[str, object], name: str) -> float:
    value = metrics[name]
    assert isinstance(value, float)
    return value


def _history(shop: SimulatedShop) -> History:
    """What an import of the shop would leave in the database."""
    at = np.asarray(shop.orders["ordered_at"].cast(pa.int64()))
    activity = pa.table(
        {
            "client_id": _number(shop.activity["client_id"]),
            "day": shop.activity["day"].cast(pa.int32()),
            **{metric: shop.activity[metric] for metric in METRICS},
        }
    )
    return History(
        clients=pa.table(
            {
                "client_id": _number(shop.clients["client_id"]),
                "registered_day": _day(shop.clients["registered_at"]).astype(np.int32),
            }
        ),
        orders=pa.table(
            {
                "id": np.arange(len(at)),
                "client_id": _number(shop.orders["client_id"]),
                "at": at,
                "day": (at // SECONDS_PER_DAY).astype(np.int32),
                "amount": [PLN.to_minor(amount) for amount in shop.orders["amount"].to_pylist()],
                "kind": shop.orders["kind"],
                "cancels": pa.nulls(len(at), pa.int64()),
            }
        ),
        activity=activity,
        coverage={
            metric: Coverage(metric=metric, first_day=shop.first_day, last_day=shop.last_day)
            for metric in METRICS
        },
    )


def _day(column: Any) -> np.ndarray:
    """Epoch days of times on the shop's clock."""
    return np.asarray(column.cast(pa.int64())) // SECONDS_PER_DAY


def _number(column: Any) -> np.ndarray:
    """Clients as integers."""
    return np.asarray(pc.cast(column, pa.int64()))

"""Naive forecasts that every model is measured against, and the verdict of that comparison."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from salesml.core.days import DAYS_PER_MONTH
from salesml.core.models import HORIZON_DAYS, Target
from salesml.ml.estimators import RECENCY, TENURE
from salesml.ml.evaluation import DECIDING_METRIC, Metrics, evaluate_purchase, evaluate_sales
from salesml.ml.examples import Rows, column

RECENCY_GROUPS = 10


def repeat_last_30_days(_: Rows, table: pa.Table) -> NDArray[np.int64]:
    """Minor units: the net sales of the last 30 days once more, never below 0."""
    sales: NDArray[np.int64] = np.maximum(table["net_sales_30d"].to_numpy(), 0)
    return sales


def mean_spend(_: Rows, table: pa.Table) -> NDArray[np.int64]:
    """Minor units: net sales per 30 days of the client's life (30 days at least), never below 0."""
    horizon = HORIZON_DAYS[Target.SALES]
    lives = np.maximum(column(table, TENURE) * DAYS_PER_MONTH, horizon) / horizon
    return np.rint(np.maximum(column(table, "net_sales_total") / lives, 0.0)).astype(np.int64)


def average_client(training: Rows, table: pa.Table) -> NDArray[np.int64]:
    """Minor units: the mean sales of the training rows, for everyone; never below 0."""
    return np.full(table.num_rows, max(0, round(float(training.sales.mean()))), dtype=np.int64)


SALES_BASELINES: Mapping[str, Callable[[Rows, pa.Table], NDArray[np.int64]]] = {
    "repeat_last_30_days": repeat_last_30_days,
    "mean_spend": mean_spend,
    "average_client": average_client,
}


def base_rate(training: Rows, table: pa.Table) -> NDArray[np.float64]:
    """The share of buyers in the training rows, for everyone."""
    return np.full(table.num_rows, training.bought.mean())


def repeat_last_14_days(training: Rows, table: pa.Table) -> NDArray[np.float64]:
    """The share of buyers in the training rows among those who did, or did not, just buy.

    "Bought in the last 14 days" is turned into a probability by the rates seen in training; a group
    without training rows gets the base rate.
    """
    recent = training.features["bought_14d"].to_numpy() == 1
    overall = training.bought.mean()
    rates = [training.bought[group].mean() if group.any() else overall for group in (~recent, recent)]
    probability: NDArray[np.float64] = np.where(table["bought_14d"].to_numpy() == 1, rates[1], rates[0])
    return probability


def by_recency(training: Rows, table: pa.Table) -> NDArray[np.float64]:
    """The share of buyers in the training rows among those who bought about as long ago.

    RECENCY_GROUPS groups of about equally many training rows; who never bought is a group of its own.
    """
    past, now = column(training.features, RECENCY), column(table, RECENCY)
    known = past[~np.isnan(past)]
    shares = np.linspace(0, 1, RECENCY_GROUPS + 1)[1:-1]
    edges = np.unique(np.quantile(known, shares)) if len(known) else np.empty(0)
    groups = [np.where(np.isnan(days), len(edges) + 1, np.searchsorted(edges, days)) for days in (past, now)]
    counts = np.bincount(groups[0], minlength=len(edges) + 2)
    bought = np.bincount(groups[0], weights=training.bought, minlength=len(edges) + 2)
    rates = np.where(counts > 0, bought / np.maximum(counts, 1), training.bought.mean())
    probability: NDArray[np.float64] = rates[groups[1]]
    return probability


PURCHASE_BASELINES: Mapping[str, Callable[[Rows, pa.Table], NDArray[np.float64]]] = {
    "base_rate": base_rate,
    "repeat_last_14_days": repeat_last_14_days,
    "by_recency": by_recency,
}


def baseline_forecasts(target: Target, training: Rows, table: pa.Table) -> dict[str, NDArray[Any]]:
    """What every baseline of the target forecasts, by name: minor units, or probabilities; `training` teaches
    the rates."""
    baselines = SALES_BASELINES if target is Target.SALES else PURCHASE_BASELINES
    return {name: predict(training, table) for name, predict in baselines.items()}


def evaluate_baselines(
    target: Target, training: Rows, judged: Rows, *, threshold: float, exponent: int
) -> dict[str, Metrics]:
    """Metrics of every baseline of the target on the judged rows, by name; `training` teaches the rates."""
    forecasts = baseline_forecasts(target, training, judged.features)
    if target is Target.SALES:
        return {
            name: evaluate_sales(judged.sales, forecast, exponent=exponent)
            for name, forecast in forecasts.items()
        }
    return {
        name: evaluate_purchase(judged.bought, forecast, threshold=threshold)
        for name, forecast in forecasts.items()
    }


def verdict(target: Target, metrics: Metrics, baselines: Mapping[str, Metrics]) -> str | None:
    """None when the model beats every baseline, else "not better than" and the best of them."""
    deciding = DECIDING_METRIC[target]

    def loss(measured: Metrics) -> float:
        value = measured[deciding]
        return value if isinstance(value, float) else float("inf")

    best = min(baselines, key=lambda name: loss(baselines[name]))
    return None if loss(metrics) < loss(baselines[best]) else f"not better than {best}"

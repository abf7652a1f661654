"""How predictions are judged: one table of metrics for each target."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from sklearn import metrics as sk

from salesml.core.models import Target
from salesml.ml import ranking
from salesml.ml.prediction import decision

Metrics = dict[str, object]
T = TypeVar("T")


class Better(StrEnum):
    """Which way a metric gets better; NEITHER describes the data rather than the predictions."""

    HIGHER = "higher"
    LOWER = "lower"
    NEAR_ZERO = "near_zero"
    NEITHER = "neither"


class NotDefinedError(Exception):
    """A metric has no value on this data; the message is the reason that stands beside its null."""


@dataclass(frozen=True, kw_only=True)
class Judged:
    """Actual values and predictions of the same clients.

    Sales: `actual` and `predicted` in major units, `decided` empty. Purchase: `actual` 0 or 1,
    `predicted` probabilities, `decided` 0 or 1 by `threshold`.
    """

    actual: NDArray[np.float64]
    predicted: NDArray[np.float64]
    decided: NDArray[np.int8]
    threshold: float


@dataclass(frozen=True, kw_only=True)
class Metric:
    """`unit` is `money` (major units), `money^2`, `share`, `clients`, `nats` or `` for a plain number."""

    name: str
    unit: str
    better: Better
    compute: Callable[[Judged], object]


def _aggregate_error(judged: Judged) -> float:
    total = float(judged.actual.sum())
    if total == 0:
        raise NotDefinedError("actual sales add up to 0")
    return float(judged.predicted.sum()) / total - 1


def _of_sales(score: Callable[[Judged], T]) -> Callable[[Judged], T]:
    """A score of shares of the sales, which must add up to something and differ between clients."""

    def guarded(judged: Judged) -> T:
        if judged.actual.sum() <= 0:
            raise NotDefinedError("actual sales do not add up to more than 0")
        if np.ptp(judged.actual) == 0:
            raise NotDefinedError("actual sales do not differ between clients")
        return score(judged)

    return guarded


def _r2(judged: Judged) -> float:
    if len(judged.actual) < 2 or np.ptp(judged.actual) == 0:
        raise NotDefinedError("actual sales do not differ between clients")
    return float(sk.r2_score(judged.actual, judged.predicted))


def _confusion(judged: Judged) -> dict[str, int]:
    table = sk.confusion_matrix(judged.actual, judged.decided, labels=[0, 1])
    return dict(zip(("tn", "fp", "fn", "tp"), (int(count) for count in table.ravel()), strict=True))


def _precision(judged: Judged) -> float:
    if not judged.decided.any():
        raise NotDefinedError(f"no client reaches the threshold {judged.threshold:.2f}")
    return float(sk.precision_score(judged.actual, judged.decided))


def _of_buyers(score: Callable[[Judged], T]) -> Callable[[Judged], T]:
    def guarded(judged: Judged) -> T:
        if not judged.actual.any():
            raise NotDefinedError("nobody bought")
        return score(judged)

    return guarded


def _best_f1(judged: Judged) -> dict[str, float]:
    """The threshold with the best F1 among the probabilities that occur; of equal ones the highest."""
    precision, recall, thresholds = sk.precision_recall_curve(judged.actual, judged.predicted)
    # The last point of the curve has no threshold: it selects nobody.
    sums = precision[:-1] + recall[:-1]
    f1 = 2 * precision[:-1] * recall[:-1] / np.where(sums == 0, 1, sums)
    best = int(np.flatnonzero(f1 == f1.max())[-1])
    return {
        "threshold": float(thresholds[best]),
        "precision": float(precision[best]),
        "recall": float(recall[best]),
        "f1": float(f1[best]),
    }


def _roc_auc(judged: Judged) -> float:
    if judged.actual.min() == judged.actual.max():
        raise NotDefinedError("everybody bought" if judged.actual[0] else "nobody bought")
    return float(sk.roc_auc_score(judged.actual, judged.predicted))


_COUNT = Metric(name="n", unit="clients", better=Better.NEITHER, compute=lambda j: len(j.actual))
SALES_METRICS = (
    Metric(name="r2", unit="", better=Better.HIGHER, compute=_r2),
    Metric(
        name="mse",
        unit="money^2",
        better=Better.LOWER,
        compute=lambda j: float(sk.mean_squared_error(j.actual, j.predicted)),
    ),
    Metric(
        name="rmse",
        unit="money",
        better=Better.LOWER,
        compute=lambda j: float(sk.root_mean_squared_error(j.actual, j.predicted)),
    ),
    Metric(
        name="mae",
        unit="money",
        better=Better.LOWER,
        compute=lambda j: float(sk.mean_absolute_error(j.actual, j.predicted)),
    ),
    Metric(
        name="wape",
        unit="share",
        better=Better.LOWER,
        compute=_of_sales(lambda j: float(np.abs(j.actual - j.predicted).sum() / j.actual.sum())),
    ),
    Metric(name="aggregate_error", unit="share", better=Better.NEAR_ZERO, compute=_aggregate_error),
    Metric(
        name="gini",
        unit="",
        better=Better.HIGHER,
        compute=_of_sales(lambda j: ranking.normalised_gini(j.actual, j.predicted)),
    ),
    Metric(
        name="top_decile_capture",
        unit="share",
        better=Better.HIGHER,
        compute=_of_sales(lambda j: ranking.top_share(j.actual, j.predicted)),
    ),
    _COUNT,
)
PURCHASE_METRICS = (
    Metric(
        name="accuracy",
        unit="share",
        better=Better.HIGHER,
        compute=lambda j: float(sk.accuracy_score(j.actual, j.decided)),
    ),
    Metric(name="precision", unit="share", better=Better.HIGHER, compute=_precision),
    Metric(
        name="recall",
        unit="share",
        better=Better.HIGHER,
        compute=_of_buyers(lambda j: float(sk.recall_score(j.actual, j.decided))),
    ),
    Metric(name="confusion_matrix", unit="clients", better=Better.NEITHER, compute=_confusion),
    Metric(name="roc_auc", unit="", better=Better.HIGHER, compute=_roc_auc),
    Metric(
        name="average_precision",
        unit="",
        better=Better.HIGHER,
        compute=_of_buyers(lambda j: float(sk.average_precision_score(j.actual, j.predicted))),
    ),
    Metric(
        name="log_loss",
        unit="nats",
        better=Better.LOWER,
        compute=lambda j: float(sk.log_loss(j.actual, j.predicted, labels=[0, 1])),
    ),
    Metric(
        name="brier",
        unit="",
        better=Better.LOWER,
        compute=lambda j: float(sk.brier_score_loss(j.actual, j.predicted, pos_label=1)),
    ),
    Metric(
        name="expected_calibration_error",
        unit="",
        better=Better.LOWER,
        compute=lambda j: ranking.expected_calibration_error(j.actual, j.predicted),
    ),
    Metric(
        name="lift_10",
        unit="",
        better=Better.HIGHER,
        compute=_of_buyers(lambda j: ranking.lift(j.actual, j.predicted)),
    ),
    Metric(name="best_f1", unit="", better=Better.NEITHER, compute=_of_buyers(_best_f1)),
    Metric(name="base_rate", unit="share", better=Better.NEITHER, compute=lambda j: float(j.actual.mean())),
    _COUNT,
)
METRICS: Mapping[Target, tuple[Metric, ...]] = {
    Target.SALES: SALES_METRICS,
    Target.PURCHASE: PURCHASE_METRICS,
}
DECIDING_METRIC: Mapping[Target, str] = {Target.SALES: "rmse", Target.PURCHASE: "log_loss"}
"""By which metric versions and baselines are compared; lower is better for both."""


def judged_sales(
    actual_minor: NDArray[np.int64], predicted_minor: NDArray[np.int64], *, exponent: int
) -> Judged:
    """Sales and their forecasts, given in minor units; `exponent` is the currency's."""
    scale = 10.0**exponent
    return Judged(
        actual=actual_minor / scale,
        predicted=predicted_minor / scale,
        decided=np.empty(0, dtype=np.int8),
        threshold=0.0,
    )


def judged_purchase(
    bought: NDArray[np.int8], probability: NDArray[np.float64], *, threshold: float
) -> Judged:
    """Purchases and their probabilities, decided by `threshold`."""
    return Judged(
        actual=bought.astype(np.float64),
        predicted=probability,
        decided=decision(probability, threshold),
        threshold=threshold,
    )


def measured(target: Target, judged: Judged) -> Metrics:
    """Every metric of the target, JSON-ready, and of a purchase the threshold of its decisions.

    Money is in major units (MSE in major units squared); a metric that is not defined is None, with its
    reason under `reasons`.
    """
    values = _evaluate(METRICS[target], judged)
    return {**values, "threshold": judged.threshold} if target is Target.PURCHASE else values


def evaluate_sales(
    actual_minor: NDArray[np.int64], predicted_minor: NDArray[np.int64], *, exponent: int
) -> Metrics:
    """Metrics of sales forecasts given in minor units; `exponent` is the currency's."""
    return measured(Target.SALES, judged_sales(actual_minor, predicted_minor, exponent=exponent))


def evaluate_purchase(
    bought: NDArray[np.int8], probability: NDArray[np.float64], *, threshold: float
) -> Metrics:
    """Metrics of purchase probabilities, decisions by `threshold`."""
    return measured(Target.PURCHASE, judged_purchase(bought, probability, threshold=threshold))


def _evaluate(table: tuple[Metric, ...], judged: Judged) -> Metrics:
    values: Metrics = {}
    reasons: dict[str, str] = {}
    for metric in table:
        try:
            values[metric.name] = metric.compute(judged)
        except NotDefinedError as error:
            values[metric.name], reasons[metric.name] = None, str(error)
    return {**values, "reasons": reasons}

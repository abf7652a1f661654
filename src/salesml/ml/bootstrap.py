"""How far metrics would differ with other clients: percentile bootstrap by client.

Efron & Tibshirani, "An Introduction to the Bootstrap" (1993). Whole clients are drawn together, as the rows
of one client are alike, by a Poisson(1) weight for each client and draw in place of drawing with replacement
(Hanley & MacGibbon, Computer Methods and Programs in Biomedicine 83, 2006). Forecasts are sorted once; a draw
is then a few weighted sums over them, with the value that the same metric of `ml.evaluation` has on the
repeated rows.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from salesml.core.models import Target
from salesml.ml.evaluation import METRICS, Better, Judged
from salesml.ml.ranking import ECE_BINS, TOP

DRAWS = 200
LEVEL = 0.95
SEED = 20_261_122

Values = NDArray[np.float64]
Weights = NDArray[np.uint8]
Draws = Mapping[str, Values]
"""A metric's values, one for each draw, NaN where it has none."""
Interval = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Resampling:
    """The same draws for whatever is measured on `clients`, which are distinct ids in rising order.

    Draws of two models can therefore be subtracted: their difference is a paired one.
    """

    clients: NDArray[np.int64]
    draws: int = DRAWS
    seed: int = SEED

    @cached_property
    def weights(self) -> Weights:
        """How often each client is drawn, shape (draws, clients)."""
        rng = np.random.default_rng(self.seed)
        made = np.empty((self.draws, len(self.clients)), dtype=np.uint8)
        for draw in made:
            draw[:] = rng.poisson(1.0, len(draw))
        return made

    def resample(self, target: Target, client_ids: NDArray[np.int64], judged: Judged) -> Draws:
        """Every metric of the target that can be better or worse, drawn; `client_ids` belong to the rows."""
        rows = np.searchsorted(self.clients, client_ids)
        measure = _WEIGHTED[target](judged, rows)
        # A draw may leave out everybody; then nothing has a value.
        found = [measure(weights) if weights[rows].any() else {} for weights in self.weights]
        return {name: np.array([each.get(name, np.nan) for each in found]) for name in drawn_metrics(target)}


def resampling(client_ids: Sequence[NDArray[np.int64]], *, draws: int = DRAWS) -> Resampling:
    """Draws of all clients that occur in any of the arrays of ids."""
    return Resampling(clients=np.unique(np.concatenate([np.empty(0, np.int64), *client_ids])), draws=draws)


def drawn_metrics(target: Target) -> tuple[str, ...]:
    """Names of the metrics that have intervals."""
    return tuple(metric.name for metric in METRICS[target] if metric.better is not Better.NEITHER)


def interval(values: Values, level: float = LEVEL) -> Interval | None:
    """The middle `level` of the draws; None when the metric has no value in half of them or more."""
    known = values[~np.isnan(values)]
    if 2 * len(known) <= len(values):
        return None
    low, high = np.quantile(known, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


Measure = Callable[[Weights], Mapping[str, float]]


def _sales(judged: Judged, rows: NDArray[np.intp]) -> Measure:
    forecast, perfect = _Groups.of(judged.predicted, rows), _Groups.of(judged.actual, rows)
    actual = judged.actual[forecast.order]
    error = judged.predicted[forecast.order] - actual
    # Around its mean, so that squares of large amounts do not swallow their differences.
    centred = actual - actual.mean()
    sums = np.column_stack(
        [np.ones_like(actual), actual, error, np.abs(error), error**2, centred, centred**2]
    )

    def measure(client_weights: Weights) -> Mapping[str, float]:
        weights = forecast.weights(client_weights)
        size, total, bias, absolute, squared, shift, spread = weights @ sums
        by_forecast = forecast.curve(weights, actual)
        by_sales = perfect.curve(perfect.weights(client_weights), judged.actual[perfect.order])
        varies = np.count_nonzero(by_sales.weights) > 1
        sold = total if total > 0 and varies else np.nan
        return {
            "r2": 1 - _share(squared, spread - _share(shift**2, size)) if varies else np.nan,
            "mse": _share(squared, size),
            "rmse": float(np.sqrt(_share(squared, size))),
            "mae": _share(absolute, size),
            "wape": _share(absolute, sold),
            "aggregate_error": _share(bias, total),
            "gini": _share(by_forecast.gini(), by_sales.gini()) if sold > 0 else np.nan,
            "top_decile_capture": _share(by_forecast.top(), sold),
        }

    return measure


def _purchase(judged: Judged, rows: NDArray[np.intp]) -> Measure:
    groups = _Groups.of(judged.predicted, rows)
    actual, probability = judged.actual[groups.order], judged.predicted[groups.order]
    decided = judged.decided[groups.order].astype(np.float64)
    # As sklearn.metrics.log_loss does, so that a certain error costs much and not everything.
    tiny = np.finfo(np.float64).eps
    right = np.clip(np.where(actual > 0, probability, 1 - probability), tiny, 1 - tiny)
    columns = [
        np.ones_like(actual),
        actual,
        decided == actual,
        decided,
        decided * actual,
        -np.log(right),
        (probability - actual) ** 2,
    ]
    sums = np.column_stack(columns).astype(np.float64)

    def measure(client_weights: Weights) -> Mapping[str, float]:
        weights = groups.weights(client_weights)
        size, bought, correct, selected, found, surprise, squared = weights @ sums
        curve = groups.curve(weights, actual)
        some = bought if bought > 0 else np.nan
        return {
            "accuracy": _share(correct, size),
            "precision": _share(found, selected),
            "recall": _share(found, some),
            "roc_auc": curve.area() if 0 < bought < size else np.nan,
            "average_precision": curve.average_precision() if bought > 0 else np.nan,
            "log_loss": _share(surprise, size),
            "brier": _share(squared, size),
            "expected_calibration_error": _calibration_error(weights, actual - probability),
            "lift_10": _share(curve.top() / _top(size), _share(some, size)),
        }

    return measure


_WEIGHTED: Mapping[Target, Callable[[Judged, NDArray[np.intp]], Measure]] = {
    Target.SALES: _sales,
    Target.PURCHASE: _purchase,
}


@dataclass(frozen=True, kw_only=True)
class _Curve:
    """Clients by falling score, those of equal scores as one group: weight and actual value of each group."""

    weights: Values
    actual: Values

    @cached_property
    def reached(self) -> Values:
        """Units down to the end of each group."""
        return np.cumsum(self.weights)

    @cached_property
    def gained(self) -> Values:
        """Sum of the actual values of these units."""
        return np.cumsum(self.actual)

    def gini(self) -> float:
        """Of the Lorenz curve, as `ranking` has it: units within a group share its sum evenly."""
        total, size = self.gained[-1], self.reached[-1]
        before = self.weights @ self.gained - self.weights @ self.actual
        within = self.actual @ self.weights + total
        return _share(float(before + within / 2), total * size) - _share(size + 1, 2 * size)

    def top(self) -> float:
        """Sum of the actual values of the TOP share of all units."""
        units = _top(self.reached[-1])
        last = int(np.searchsorted(self.reached, units))
        missing = (self.reached[last] - units) / self.weights[last]
        return float(self.gained[last] - missing * self.actual[last])

    def area(self) -> float:
        """Under the ROC curve, ties counted half."""
        missed = self.weights - self.actual
        above = float(missed @ self.gained - missed @ self.actual / 2)
        return _share(above, missed.sum() * self.gained[-1])

    def average_precision(self) -> float:
        some = np.flatnonzero(self.actual)
        precision = self.gained[some] / self.reached[some]
        return _share(float(self.actual[some] @ precision), self.gained[-1])


@dataclass(frozen=True, kw_only=True)
class _Groups:
    """Rows by rising score: `order` sorts them, `rows` are their clients in that order, `starts` where each
    group of equal scores begins, None when no two are equal."""

    order: NDArray[np.intp]
    rows: NDArray[np.intp]
    starts: NDArray[np.intp] | None

    @staticmethod
    def of(score: Values, rows: NDArray[np.intp]) -> "_Groups":
        order = np.argsort(score, kind="stable")
        starts = np.concatenate([[0], np.flatnonzero(np.diff(score[order])) + 1])
        return _Groups(order=order, rows=rows[order], starts=starts if len(starts) < len(order) else None)

    def weights(self, client_weights: Weights) -> Values:
        return client_weights[self.rows].astype(np.float64)

    def curve(self, weights: Values, actual: Values) -> _Curve:
        bought = weights * actual
        if self.starts is not None:
            weights, bought = np.add.reduceat(weights, self.starts), np.add.reduceat(bought, self.starts)
        return _Curve(weights=weights[::-1], actual=bought[::-1])


def _calibration_error(weights: Values, gaps: Values) -> float:
    """Over bins of equally many units; `gaps` are what happened minus what was said, by rising forecast."""
    reached = np.cumsum(weights)
    size = int(reached[-1])
    # As numpy.array_split cuts: the first bins are the larger ones.
    sizes = np.full(ECE_BINS, size // ECE_BINS) + (np.arange(ECE_BINS) < size % ECE_BINS)
    edges = np.cumsum(sizes)
    last = np.searchsorted(reached, edges)
    summed = np.cumsum(weights * gaps)[last] - (reached[last] - edges) * gaps[last]
    return _share(float(np.abs(np.diff(summed, prepend=0.0)).sum()), size)


def _top(size: float) -> float:
    return max(1.0, float(np.ceil(size * TOP)))


def _share(part: float | np.floating[Any], whole: float | np.floating[Any]) -> float:
    return float(part / whole) if whole else float("nan")

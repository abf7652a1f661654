"""80 % intervals of a client's sales, from what forecasts of past dates missed.

Sales are zero for most clients and skewed for the others, so that no constant or symmetric width fits.
The predictive distribution of a client has two parts: nothing, or a purchase of a log-amount that
spreads around its expectation as it did at past dates. Both parts are read off the forecast itself and a
few kernel features, on rows that the forecast never learned from, so that any recipe gets intervals.
The levels at which the distribution is cut are then set so that past windows are covered as promised:
distributional conformal prediction (Chernozhukov, Wuethrich & Zhu, PNAS 118, 2021), by groups of
forecasts (Mondrian: Vovk, Gammerman & Shafer, Algorithmic Learning in a Random World, 2005).
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.preprocessing import StandardScaler

from salesml.core.days import DAYS_PER_MONTH
from salesml.core.intervals import TAIL
from salesml.ml.estimators import RECENCY, TENURE
from salesml.ml.examples import column
from salesml.ml.rolling import Values, Window

MIN_ROWS, MIN_BUYERS = 200, 50
GROUP_BUYERS = 100
"""A level of its own needs so many buyers above the bound to be a tenth of; smaller groups share one."""
_BASKET, _PURCHASES = "average_basket_value", "purchases_30d"
FEATURES = (_BASKET, RECENCY, TENURE, _PURCHASES)
_LEVELS = np.round(np.arange(1 - TAIL, 0.9951, 0.0025), 4)
"""Never below the promise itself: a bound of 0 must mean that nine of ten such clients buy nothing."""
_RESIDUALS = 201
_SHRINKAGE = 1.0
_PLAIN = ("residuals", "edges", "levels", "least", "most")


Bounds = tuple[NDArray[np.int64], NDArray[np.int64]]


@dataclass(frozen=True, kw_only=True)
class Line:
    """A linear score of the inputs: intercept + inputs @ coefficients."""

    intercept: float
    coefficients: tuple[float, ...]

    def of(self, inputs: Values) -> Values:
        score: Values = self.intercept + inputs @ np.array(self.coefficients)
        return score


@dataclass(frozen=True, kw_only=True)
class Intervals:
    """How a forecast becomes its bounds; plain numbers, kept as JSON in the version's record.

    `buys` scores the log-odds of any sales, `amount` the expected log-amount (minor units) if there are
    any, `residuals` are quantiles of what log-amounts missed, evenly spaced in probability. `levels` are
    the upper levels of forecasts up to `edges` (minor units) and of those above the last edge. Inputs
    count as no less than `least` and no more than `most`, what was seen in fitting; a forecast beyond
    that moves its bounds in proportion.
    """

    buys: Line
    amount: Line
    residuals: tuple[float, ...]
    edges: tuple[float, ...]
    levels: tuple[float, ...]
    least: tuple[float, ...]
    most: tuple[float, ...]

    def bounds(self, predicted: Values, table: pa.Table) -> Bounds:
        """Lower and upper bound of each client in minor units, 0 or more: at 80 %, a tenth on either side.

        `table` holds the columns FEATURES of the clients. Where nothing is the likeliest answer by far, both
        are 0.
        """
        return self.bounds_of(predicted, {name: column(table, name) for name in FEATURES})

    def bounds_of(self, predicted: Values, columns: Mapping[str, Values]) -> Bounds:
        """The same from the columns FEATURES, money in minor units; NaN for a recency that is null."""
        asked = _inputs(predicted, columns)
        inputs = np.clip(asked, self.least, self.most)
        beyond = np.maximum(asked[:, 0] - self.most[0], 0.0)
        nothing, expected = 1 - _share(self.buys.of(inputs)), self.amount.of(inputs) + beyond
        upper = self._quantile(self._level(predicted), nothing, expected)
        lower = self._quantile(np.full(len(predicted), TAIL), nothing, expected)
        return np.floor(np.minimum(lower, upper)).astype(np.int64), np.ceil(upper).astype(np.int64)

    def _level(self, predicted: Values) -> Values:
        levels: Values = np.array(self.levels)[np.searchsorted(self.edges, predicted, side="left")]
        return levels

    def _quantile(self, level: Values, nothing: Values, expected: Values) -> Values:
        within = (level - nothing) / np.maximum(1 - nothing, 1e-12)
        grid = np.linspace(0, 1, len(self.residuals))
        residual = np.interp(np.clip(within, 0, 1), grid, self.residuals)
        return np.where(within > 0, np.exp(expected + residual), 0.0)


def fit(windows: Sequence[Window]) -> Intervals | None:
    """Learn intervals from forecasts of past dates against what happened; None when there is too little.

    Refunds that outweigh the sales of a window count as no sales.
    """
    predicted = np.concatenate([window.predicted for window in windows])
    table = pa.concat_tables([window.rows.features.select(FEATURES) for window in windows])
    actual = np.concatenate([window.rows.sales for window in windows]).astype(np.float64)
    bought = actual > 0
    if len(actual) < MIN_ROWS or bought.sum() < MIN_BUYERS or bought.all():
        return None
    inputs = _inputs(predicted, {name: column(table, name) for name in FEATURES})
    buys = _line(LogisticRegression(C=1.0, max_iter=1_000), inputs, bought)
    amount = _line(Ridge(alpha=_SHRINKAGE), inputs[bought], np.log(actual[bought]))
    residuals = np.log(actual[bought]) - amount.of(inputs[bought])
    spread = np.quantile(residuals, np.linspace(0, 1, min(_RESIDUALS, int(bought.sum()))))
    uncut = Intervals(
        buys=buys,
        amount=amount,
        residuals=tuple(map(float, spread)),
        edges=(),
        levels=(1 - TAIL,),
        least=tuple(map(float, inputs.min(axis=0))),
        most=tuple(map(float, inputs.max(axis=0))),
    )
    return _cut(uncut, predicted, inputs, actual)


def _cut(uncut: Intervals, predicted: Values, inputs: Values, actual: Values) -> Intervals:
    """Set the upper levels, by groups of forecasts, so that a tenth of the bounds above 0 is exceeded."""
    nothing, expected = 1 - _share(uncut.buys.of(inputs)), uncut.amount.of(inputs)
    reached = _reached(uncut, nothing, expected, actual)
    edges = _edges(predicted, (actual > 0) & (nothing < 1 - TAIL))
    group = np.searchsorted(edges, predicted, side="left")
    levels = [_level(nothing[group == each], reached[group == each]) for each in range(len(edges) + 1)]
    return replace(uncut, edges=tuple(map(float, edges)), levels=tuple(levels))


def _reached(uncut: Intervals, nothing: Values, expected: Values, actual: Values) -> Values:
    """The level of each client's predictive distribution at which the actual sales lie; 0 for none."""
    grid = np.linspace(0, 1, len(uncut.residuals))
    missed = np.log(np.maximum(actual, 1.0)) - expected
    within = np.interp(missed, uncut.residuals, grid)
    return np.where(actual > 0, nothing + (1 - nothing) * within, 0.0)


def _edges(predicted: Values, telling: NDArray[np.bool_]) -> Values:
    """Borders of at most five groups of forecasts, each with GROUP_BUYERS buyers whose bound is above 0."""
    groups = min(5, int(telling.sum()) // GROUP_BUYERS)
    if groups < 2:
        return np.empty(0)
    return np.unique(np.quantile(predicted[telling], np.linspace(0, 1, groups + 1)[1:-1]))


def _level(nothing: Values, reached: Values) -> float:
    """The lowest level at which at most a tenth of the clients with a bound above 0 lies beyond it.

    A tenth of one client more than there are, as conformal prediction asks for.
    """
    for level in _LEVELS:
        above = nothing < level
        if (reached[above] > level).sum() + TAIL <= TAIL * (above.sum() + 1):
            return float(level)
    return float(_LEVELS[-1])


def _line(model: LogisticRegression | Ridge, inputs: Values, target: NDArray[np.generic]) -> Line:
    scaler = StandardScaler().fit(inputs)
    model.fit(scaler.transform(inputs), target)
    coefficients = np.ravel(model.coef_) / scaler.scale_
    intercept = float(np.ravel(model.intercept_)[0] - coefficients @ scaler.mean_)
    return Line(intercept=intercept, coefficients=tuple(map(float, coefficients)))


def _inputs(predicted: Values, columns: Mapping[str, Values]) -> Values:
    """Shape (clients, 6): the forecast, the basket, the recency, both tenure and purchases; all as logs."""
    tenure = columns[TENURE] * DAYS_PER_MONTH
    recency = columns[RECENCY]
    known = np.where(np.isnan(recency), tenure, recency)
    forecast = np.log1p(np.maximum(predicted, 0.0))
    return np.column_stack(
        [
            forecast,
            np.square(forecast),
            np.log1p(np.maximum(columns[_BASKET], 0.0)),
            np.log1p(known),
            np.log1p(tenure),
            np.log1p(columns[_PURCHASES]),
        ]
    )


def _share(log_odds: Values) -> Values:
    share: Values = 1 / (1 + np.exp(-np.clip(log_odds, -500, 500)))
    return share


def from_json(stored: Mapping[str, Any]) -> Intervals:
    """What `to_json` wrote."""
    buys, amount = (
        Line(intercept=stored[name]["intercept"], coefficients=tuple(stored[name]["coefficients"]))
        for name in ("buys", "amount")
    )
    return Intervals(buys=buys, amount=amount, **{name: tuple(stored[name]) for name in _PLAIN})


def to_json(intervals: Intervals) -> Mapping[str, object]:
    """As it is kept in a version's record."""
    return {
        "buys": asdict(intervals.buys),
        "amount": asdict(intervals.amount),
        **{name: list(getattr(intervals, name)) for name in _PLAIN},
    }


def measure(intervals: Intervals, window: Window, exponent: int) -> Mapping[str, float | int | None]:
    """How intervals that were fitted on older windows fared at this one; money in major units.

    `coverage` of all clients; `above` the share beyond the upper bound where that is above 0 (a tenth is
    promised), of `bounded` such clients; `bought_at_zero` the share of buyers where it is 0. `score` is
    the mean interval score (Winkler, JASA 67, 1972): the width, and what is missed ten times over.
    """
    lower, upper = intervals.bounds(window.predicted, window.rows.features)
    actual = window.rows.sales
    bounded = upper > 0
    missed = np.maximum(lower - actual, 0) + np.maximum(actual - upper, 0)
    scores = (upper - lower + missed / TAIL) / 10.0**exponent
    return {
        "coverage": float(((lower <= actual) & (actual <= upper)).mean()),
        "above": _mean((actual > upper)[bounded]),
        "bounded": int(bounded.sum()),
        "bought_at_zero": _mean((actual > 0)[~bounded]),
        "score": float(scores.mean()),
    }


def _mean(values: NDArray[np.bool_]) -> float | None:
    return float(values.mean()) if len(values) else None

"""The bounds of one forecast in plain arithmetic, for the serving path: no arrays, some microseconds.

The same steps as `salesml.ml.intervals.Intervals.bounds_of` takes for many clients, which says what they
mean and where they come from.
"""

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from math import ceil, exp, floor, log1p

from salesml.core.days import DAYS_PER_MONTH
from salesml.core.intervals import TAIL
from salesml.ml.estimators import RECENCY, TENURE
from salesml.ml.intervals import Intervals

_STEEPEST = 500.0
"""Log-odds beyond this are certainty; their exponential would overflow."""
OneBounds = Callable[[float, Mapping[str, float | None]], tuple[int, int]]
"""Lower and upper bound of a forecast, all in minor units, from the columns `ml.intervals.FEATURES`, of which
only the recency may be None."""


def bounds_of_one(intervals: Intervals) -> OneBounds:
    """What answers by these intervals. Everything that they need is laid out once, in here."""
    plan = tuple(
        zip(
            intervals.least,
            intervals.most,
            intervals.buys.coefficients,
            intervals.amount.coefficients,
            strict=True,
        )
    )
    buys, amount, most = intervals.buys.intercept, intervals.amount.intercept, intervals.most[0]
    edges, levels, residuals = intervals.edges, intervals.levels, intervals.residuals

    def bounds(predicted: float, values: Mapping[str, float | None]) -> tuple[int, int]:
        asked = _inputs(predicted, values)
        odds, expected = buys, amount
        if asked[0] > most:
            expected += asked[0] - most
        for value, (least_seen, most_seen, odds_by, expected_by) in zip(asked, plan):  # noqa: B905 - speed
            if value < least_seen:
                within = least_seen
            elif value > most_seen:
                within = most_seen
            else:
                within = value
            odds += odds_by * within
            expected += expected_by * within
        nothing = 1 / (1 + exp(odds)) if odds < _STEEPEST else 0.0
        upper = _quantile(residuals, levels[bisect_left(edges, predicted)], nothing, expected)
        lower = _quantile(residuals, TAIL, nothing, expected)
        return floor(lower), ceil(upper)

    return bounds


def _inputs(predicted: float, values: Mapping[str, float | None]) -> tuple[float, ...]:
    tenure = (values[TENURE] or 0.0) * DAYS_PER_MONTH
    recency = values[RECENCY]
    forecast, since = log1p(predicted), log1p(tenure)
    return (
        forecast,
        forecast * forecast,
        log1p(values["average_basket_value"] or 0.0),
        since if recency is None else log1p(recency),
        since,
        log1p(values["purchases_30d"] or 0.0),
    )


def _quantile(residuals: Sequence[float], level: float, nothing: float, expected: float) -> float:
    if level <= nothing:
        return 0.0
    last = len(residuals) - 1
    place = (level - nothing) / (1 - nothing) * last
    below = int(place)
    if below >= last:
        return exp(expected + residuals[last])
    return exp(expected + residuals[below] + (residuals[below + 1] - residuals[below]) * (place - below))

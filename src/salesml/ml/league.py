"""League tables: models and baselines on the same clients and dates, the best first, with intervals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from threadpoolctl import threadpool_limits

from salesml.core.models import Target
from salesml.ml.baselines import verdict
from salesml.ml.bootstrap import Draws, Interval, Resampling, interval
from salesml.ml.evaluation import DECIDING_METRIC, Judged, Metrics, judged_purchase, judged_sales, measured
from salesml.ml.rolling import Window


@dataclass(frozen=True, kw_only=True)
class Terms:
    """How forecasts are judged: decisions by `threshold`, money by the currency's `exponent`, distances
    from the recipe `default`."""

    threshold: float
    exponent: int
    default: str


@dataclass(frozen=True, kw_only=True)
class Contender:
    """A model or a baseline at some dates: a forecast of each date, or the reason why there is none.

    `features` and `ignored` are those of the model where it is about one date.
    """

    name: str
    is_baseline: bool = False
    windows: Sequence[Window] = ()
    reason: str | None = None
    features: tuple[str, ...] = ()
    ignored: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Difference:
    """The deciding metric minus that of the default recipe, on the same clients; below 0 is better."""

    point: float
    interval: Interval | None


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One row of a league table. Without metrics, `reason` says why.

    `intervals` hold 95 % of the draws of each metric, None where it has no value. `verdict` is None, or the
    sentence that a model is not better than a named baseline.
    """

    contender: Contender
    metrics: Metrics | None = None
    intervals: Mapping[str, Interval | None] = field(default_factory=dict)
    difference: Difference | None = None
    is_best: bool = False
    verdict: str | None = None

    @property
    def reason(self) -> str | None:
        return self.contender.reason


@dataclass(frozen=True, kw_only=True)
class Table:
    """The standings of a target at some dates taken together, the best first, those without metrics last.

    `rows` counts the clients of each date.
    """

    target: Target
    as_of_days: tuple[int, ...]
    rows: int
    standings: tuple[Standing, ...]


@dataclass(frozen=True, kw_only=True)
class Result:
    """Metrics of some forecasts, and the same of every draw of clients."""

    metrics: Metrics
    draws: Draws


def table(
    target: Target,
    as_of_days: tuple[int, ...],
    contenders: Sequence[Contender],
    resampling: Resampling,
    terms: Terms,
) -> Table:
    """Judge contenders with windows of the same dates on all rows of these dates stacked."""
    judging = [each for each in contenders if each.windows]
    results = {each.name: measure(target, each.windows, resampling, terms) for each in judging}
    baselines = {each.name: results[each.name].metrics for each in judging if each.is_baseline}
    ordered = sorted(judging, key=lambda each: _loss(target, results[each.name].metrics))
    default = results.get(terms.default)
    standings = [
        Standing(
            contender=each,
            metrics=results[each.name].metrics,
            intervals={name: interval(drawn) for name, drawn in results[each.name].draws.items()},
            difference=_difference(target, results[each.name], default),
            is_best=place == 0,
            verdict=_verdict(target, each, results[each.name].metrics, baselines),
        )
        for place, each in enumerate(ordered)
    ]
    standings += [Standing(contender=each) for each in contenders if not each.windows]
    return Table(
        target=target,
        as_of_days=as_of_days,
        rows=sum(len(window.predicted) for window in judging[0].windows) if judging else 0,
        standings=tuple(standings),
    )


def measure(target: Target, windows: Sequence[Window], resampling: Resampling, terms: Terms) -> Result:
    """Judge the forecasts of one or more dates, their rows stacked."""
    judged = _judged(target, windows, terms)
    clients = np.concatenate([window.clients for window in windows])
    # Sums in several threads end in other last bits.
    with threadpool_limits(limits=1):
        draws = resampling.resample(target, clients, judged)
    return Result(metrics=measured(target, judged), draws=draws)


def pooled(contenders: Sequence[Sequence[Contender]]) -> list[Contender]:
    """The contenders of several dates as one each; who missed a date that others were judged at is out."""
    days = [by_day for by_day in contenders if any(each.windows for each in by_day)]
    found = {each.name: each for by_day in contenders for each in by_day}
    return [_pooled(each, [_named(by_day, each.name) for by_day in days]) for each in found.values()]


def _pooled(one: Contender, parts: Sequence[Contender | None]) -> Contender:
    alone = replace(one, windows=(), features=(), ignored={})
    windows = [window for part in parts if part for window in part.windows]
    if len(windows) == len(parts) > 0:
        return replace(alone, windows=windows, reason=None)
    if not parts:
        return replace(alone, reason=one.reason or "no date could be judged")
    why = next((part.reason for part in parts if part and part.reason), None)
    missed = f"judged at {len(windows)} of {len(parts)} dates"
    return replace(alone, reason=f"{missed}: {why}" if why else missed)


def _named(contenders: Sequence[Contender], name: str) -> Contender | None:
    return next((each for each in contenders if each.name == name), None)


def _judged(target: Target, windows: Sequence[Window], terms: Terms) -> Judged:
    predicted = np.concatenate([window.predicted for window in windows])
    if target is Target.SALES:
        sales = np.concatenate([window.rows.sales for window in windows])
        return judged_sales(sales, predicted, exponent=terms.exponent)
    bought = np.concatenate([window.rows.bought for window in windows])
    return judged_purchase(bought, predicted, threshold=terms.threshold)


def _verdict(
    target: Target, contender: Contender, metrics: Metrics, baselines: Mapping[str, Metrics]
) -> str | None:
    return verdict(target, metrics, baselines) if baselines and not contender.is_baseline else None


def _difference(target: Target, ours: Result, default: Result | None) -> Difference | None:
    if default is None or ours is default:
        return None
    deciding = DECIDING_METRIC[target]
    return Difference(
        point=_loss(target, ours.metrics) - _loss(target, default.metrics),
        interval=interval(ours.draws[deciding] - default.draws[deciding]),
    )


def _loss(target: Target, metrics: Metrics) -> float:
    return float(str(metrics[DECIDING_METRIC[target]]))

"""Which features a model can use, at which training dates, and why the others are left out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil

import numpy as np
import pyarrow as pa

from salesml.core.activity import Coverage
from salesml.core.days import DAYS_PER_MONTH, date_of
from salesml.ml.estimators import TENURE
from salesml.ml.examples import Matrix, column
from salesml.ml.features.definitions import DEFINED
from salesml.ml.features.rich import RICH_FEATURES

MIN_DATES = 3
"""Dates are dropped for a feature's sake while at least so many remain."""
CONSTANT = "constant in the training data"
RICH_SHARE = 0.75
"""A rich feature is not worth more of the dates."""


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Features in use, the training dates at which all of them are known, and reasons for the rest."""

    features: tuple[str, ...]
    days: tuple[int, ...]
    ignored: Mapping[str, str] = field(default_factory=dict)


def choose(
    tables: Mapping[int, pa.Table],
    wanted: Sequence[str],
    *,
    fit_days: Sequence[int],
    needed_days: Sequence[int],
    coverage: Mapping[str, Coverage],
) -> Selection:
    """Choose from `wanted` what is known and varies.

    `tables` holds the features of each date. `fit_days` may be dropped down to MIN_DATES; at each of
    `needed_days` (the judge and the as-of date) a feature must be known to be used at all. `coverage`
    only explains.
    """
    known = _known(tables, wanted, fit_days, needed_days, coverage)
    constant = [name for name in known.features if not _varies(tables, name, known.days)]
    if not constant:
        return known
    # Dates that were dropped for a constant feature alone come back.
    others = [name for name in wanted if name not in constant]
    rest = choose(tables, others, fit_days=fit_days, needed_days=needed_days, coverage=coverage)
    ignored = {**rest.ignored, **dict.fromkeys(constant, CONSTANT)}
    return Selection(features=rest.features, days=rest.days, ignored=ignored)


def _known(
    tables: Mapping[int, pa.Table],
    wanted: Sequence[str],
    fit_days: Sequence[int],
    needed_days: Sequence[int],
    coverage: Mapping[str, Coverage],
) -> Selection:
    features: list[str] = []
    days, ignored = tuple(fit_days), {}
    enough = max(MIN_DATES, ceil(RICH_SHARE * len(days)))
    for name in wanted:
        unknown = [day for day in needed_days if not _is_known(tables[day], name)]
        left = tuple(day for day in days if _is_known(tables[day], name))
        if unknown:
            ignored[name] = f"unknown at {date_of(max(unknown))}: {_span(name, coverage)}"
        elif left != days and len(left) < (needed := enough if name in RICH_FEATURES else MIN_DATES):
            needs = f"known at {len(left)} of {len(days)} training dates, {needed} are needed"
            ignored[name] = f"{needs}: {_span(name, coverage)}"
        else:
            features.append(name)
            days = left
    return Selection(features=tuple(features), days=days, ignored=ignored)


def _is_known(rows: pa.Table, name: str) -> bool:
    """What is null by nature, as a recency, is always known."""
    return DEFINED[name].nullable or rows[name].null_count == 0


def _span(name: str, coverage: Mapping[str, Coverage]) -> str:
    metric, reach = DEFINED[name].metric, DEFINED[name].history_days
    if reach is not None:
        return f"it needs {reach} days of orders before"
    covered = coverage.get(metric) if metric else None
    if covered is None:
        return f"the data has no {metric or name}"
    return f"{metric} is known from {date_of(covered.first_day)} to {date_of(covered.last_day)}"


def _varies(tables: Mapping[int, pa.Table], name: str, days: Sequence[int]) -> bool:
    values = np.concatenate([np.empty(0), *(_filled(tables[day], name) for day in days)])
    return len(values) == 0 or bool(values.min() != values.max())


def _filled(rows: pa.Table, name: str) -> Matrix:
    values = column(rows, name)
    if not DEFINED[name].nullable:
        return values
    return np.where(np.isnan(values), column(rows, TENURE) * DAYS_PER_MONTH, values)

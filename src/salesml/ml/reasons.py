"""Why a client's forecast is what it is: how much each feature moved it, adding up to it exactly."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.special import expit

from salesml.core.days import DAYS_PER_MONTH
from salesml.core.models import Folded, Target
from salesml.ml.attributions import Matrix, Split, through
from salesml.ml.estimators import TENURE, inputs_of
from salesml.ml.examples import column, matrix
from salesml.ml.pipelines import explain_linear

Told = dict[str, Any]
TOP = 6
"""So many features are named; the others stand together as one contribution."""
DIGITS = 4
"""Decimals of a probability's contributions: hundredths of a percentage point."""


@dataclass(frozen=True, kw_only=True)
class Reasons:
    """How the forecasts of many clients come about.

    `parts`, of shape (clients, features), added to `base` are the forecasts before they were floored at
    zero: minor units of sales, or probabilities. `values` are what the features were, NaN where null.
    """

    target: Target
    features: tuple[str, ...]
    base: float
    parts: Matrix
    values: Matrix

    @property
    def importance(self) -> dict[str, float]:
        """The mean absolute contribution of each feature, the largest first."""
        means = np.abs(self.parts).mean(axis=0) if len(self.parts) else np.zeros(len(self.features))
        order = np.argsort(-means, kind="stable")
        return {self.features[place]: float(means[place]) for place in order}


def explain(target: Target, pipeline: Any, features: Sequence[str], table: pa.Table) -> Reasons:
    """Split the forecasts of a fitted pipeline for the clients of a table.

    Contributions of sales are exact (linear) or exact splits of what each estimator says (`attributions`);
    those of a purchase are moved from log-odds to probabilities by their logarithmic mean.
    """
    rows = matrix(table, features)
    split: Split = pipeline.explain(rows) if hasattr(pipeline, "explain") else explain_linear(pipeline, rows)
    if target is Target.PURCHASE:
        split = through(split, expit)
    base, parts = split
    # A tenure that only stands in for recencies is an input of some estimators, and moves their forecasts.
    names = inputs_of(features)[: parts.shape[1]]
    values = np.column_stack([column(table, name) for name in names])
    return Reasons(target=target, features=names, base=base, parts=parts, values=values)


def told(reasons: Reasons, predicted: NDArray[Any]) -> Iterator[Told]:
    """One object a client, whose numbers add up to the stored forecast to the last digit.

    `base` is where everybody starts, `parts` the TOP features as [name, value, contribution], the largest
    first, `others` all the rest; `floor`, of sales only and where it acts, lifts a forecast below zero to
    it. Sales are whole minor units, probabilities have DIGITS decimals.
    """
    kept = np.argsort(-np.abs(reasons.parts), axis=1, kind="stable")[:, :TOP]
    sales = reasons.target is Target.SALES
    digits = None if sales else DIGITS
    raw = reasons.base + reasons.parts.sum(axis=1)
    base = round(reasons.base, digits)
    for row, places in enumerate(kept):
        floor = round(max(0.0, -float(raw[row]))) if sales else 0
        named = [(int(place), round(float(reasons.parts[row, place]), digits)) for place in places]
        total = int(predicted[row]) if sales else round(float(predicted[row]), DIGITS)
        others = total - base - floor - sum(part for _, part in named)
        yield {
            "base": base,
            "parts": [
                [reasons.features[place], _plain(reasons.values[row, place]), part]
                for place, part in named
                if part
            ],
            "others": round(others, digits),
            **({"floor": floor} if floor else {}),
        }


def explain_folded(target: Target, folded: Folded, table: pa.Table) -> Reasons:
    """The same of a linear model as plain numbers, which leaves out what `leave_out` took from it."""
    tenure = column(table, TENURE) * DAYS_PER_MONTH
    values = np.column_stack([column(table, name) for name in folded.features])
    filled = np.where(np.isnan(values), tenure[:, None], values)
    coefficients, means = np.array(folded.coefficients), np.array(folded.means)
    split: Split = folded.intercept + float(coefficients @ means), (filled - means) * coefficients
    base, parts = through(split, expit) if folded.logistic else split
    return Reasons(target=target, features=folded.features, base=base, parts=parts, values=values)


def total(stored: Mapping[str, Any]) -> float:
    """What the numbers of a stored explanation add up to."""
    parts = sum(part for _, _, part in stored["parts"])
    return float(stored["base"] + parts + stored["others"] + stored.get("floor", 0))


def _plain(value: float) -> float | int | None:
    if np.isnan(value):
        return None
    return int(value) if float(value).is_integer() else round(float(value), 2)

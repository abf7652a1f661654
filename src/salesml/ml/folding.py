"""Standardised linear pipelines as plain numbers, which answer in microseconds and need no pickle."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.preprocessing import StandardScaler

from salesml.core.days import DAYS_PER_MONTH
from salesml.core.errors import InvalidValue
from salesml.core.models import Folded
from salesml.ml.estimators import RECENCY, TENURE, inputs_of

TOLERANCE = 1e-9


def fold(pipeline: Any, features: Sequence[str], rows: NDArray[np.float64]) -> Folded | None:
    """The pipeline's coefficients on raw inputs, or None when it is not standardised and linear.

    `rows` is the matrix it was trained on (columns `inputs_of(features)`): there both must agree to
    TOLERANCE. Raises ArithmeticError when they do not.
    """
    steps = getattr(pipeline, "named_steps", {})
    model, scaler = steps.get("model"), steps.get("scale")
    if not (isinstance(model, LinearRegression | LogisticRegression) and isinstance(scaler, StandardScaler)):
        return None
    coefficients = np.ravel(model.coef_) / scaler.scale_
    folded = Folded(
        features=tuple(features),
        coefficients=tuple(float(value) for value in coefficients),
        intercept=float(np.ravel(model.intercept_)[0] - coefficients @ scaler.mean_),
        logistic=isinstance(model, LogisticRegression),
        imputed={RECENCY: (TENURE, DAYS_PER_MONTH)} if RECENCY in features else {},
        means=tuple(float(value) for value in scaler.mean_),
    )
    _check(folded, pipeline, rows)
    return folded


def _check(folded: Folded, pipeline: Any, rows: NDArray[np.float64]) -> None:
    inputs = inputs_of(folded.features)
    values = rows[:, : len(folded.features)].copy()
    for name, (other, factor) in folded.imputed.items():
        missing = np.isnan(values[:, inputs.index(name)])
        values[missing, inputs.index(name)] = factor * rows[missing, inputs.index(other)]
    scores = values @ np.array(folded.coefficients) + folded.intercept
    model = pipeline.decision_function if folded.logistic else pipeline.predict
    expected = model(rows)
    # Scores near 0 are differences of large terms: their error is relative to the usual size of a score.
    usual = float(np.sqrt(np.mean(np.square(expected)))) if len(expected) else 0.0
    if not np.allclose(scores, expected, rtol=TOLERANCE, atol=TOLERANCE * usual):
        worst = float(np.max(np.abs(scores - expected)))
        raise ArithmeticError(f"folded coefficients differ from their pipeline by up to {worst:g}")


def evaluate_folded(folded: Folded, values: Mapping[str, float | None]) -> float:
    """The forecast for one client: minor units of sales (0 or more), or the probability of a purchase.

    `values` holds the features, and what is imputed from. Raises InvalidValue for a null that cannot be
    imputed, KeyError for a missing name. Plain Python on purpose: this is the serving path.
    """
    score = folded.intercept
    for name, coefficient in zip(folded.features, folded.coefficients, strict=True):
        value = values[name]
        score += coefficient * (_imputed(folded, name, values) if value is None else value)
    return _logistic(score) if folded.logistic else max(0.0, score)


def leave_out(folded: Folded, names: Collection[str]) -> Folded:
    """The same model without some of its features: each counts as its mean in training, for everyone.

    Standardised, that is 0, the value that moves no score.
    """
    kept = [place for place, name in enumerate(folded.features) if name not in names]
    left = [place for place, name in enumerate(folded.features) if name in names]
    return replace(
        folded,
        features=tuple(folded.features[place] for place in kept),
        coefficients=tuple(folded.coefficients[place] for place in kept),
        means=tuple(folded.means[place] for place in kept),
        intercept=folded.intercept + sum(folded.coefficients[place] * folded.means[place] for place in left),
    )


def evaluate_folded_columns(
    folded: Folded, columns: Mapping[str, NDArray[np.float64]]
) -> NDArray[np.float64]:
    """`evaluate_folded` for many clients at once, equal to it to the last bit.

    `columns` holds equally long arrays by feature, and what is imputed from; NaN stands for null, and
    only imputed features may have it.
    """
    length = len(next(iter(columns.values())))
    scores = np.full(length, folded.intercept)
    for name, coefficient in zip(folded.features, folded.coefficients, strict=True):
        values = columns[name]
        if name in folded.imputed:
            other, factor = folded.imputed[name]
            values = np.where(np.isnan(values), factor * columns[other], values)
        scores += coefficient * values
    if folded.logistic:
        # numpy's exp may differ from math's in the last bit.
        return np.array([_logistic(score) for score in scores.tolist()])
    floored: NDArray[np.float64] = np.maximum(scores, 0.0)
    return floored


def _logistic(score: float) -> float:
    if score >= 0.0:
        return 1.0 / (1.0 + math.exp(-score))
    # exp of a large positive number would overflow; this form only underflows, to 0.
    power = math.exp(score)
    return power / (1.0 + power)


def _imputed(folded: Folded, name: str, values: Mapping[str, float | None]) -> float:
    other, factor = folded.imputed.get(name, (name, 1.0))
    value = values[other]
    if value is None:
        raise InvalidValue(other, "must not be null")
    return factor * value

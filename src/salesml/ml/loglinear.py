"""Inputs of generalised linear models: no gaps, on a log scale, standardised."""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from salesml.core.days import DAYS_PER_MONTH

Matrix = NDArray[np.float64]
LIMIT = 6.0
"""Standard deviations from the mean: what is further away counts as just so far."""


class LogInputs(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """log(1 + x) of amounts and counts, standardised and limited to LIMIT deviations.

    Parameters
    ----------
    tenure : column number of the tenure in months; None: gaps are filled with 0.
    waiting : numbers of the columns that count days since an event. A missing one is filled with the
        tenure in days, since it has not come for at least that long; gaps elsewhere count as 0.

    Attributes
    ----------
    mean_, scale_ : of the logarithms, shape (columns,); the scale of a constant column is 1.
    """

    def __init__(self, *, tenure: int | None = None, waiting: Sequence[int] = ()) -> None:
        self.tenure = tenure
        self.waiting = waiting

    def fit(self, X: Any, y: Any = None) -> Self:  # noqa: N803, ARG002
        """Learn means and deviations of X, shape (clients, columns), a missing value is NaN."""
        logs = self._logs(X, reset=True)
        self.mean_ = logs.mean(axis=0)
        deviation = logs.std(axis=0)
        # A constant column has a deviation of rounding errors.
        self.scale_ = np.where(deviation > 1e-9 * (1.0 + np.abs(self.mean_)), deviation, 1.0)
        return self

    def transform(self, X: Any) -> Matrix:  # noqa: N803
        """Shape (clients, columns), without gaps."""
        check_is_fitted(self)
        standardised: Matrix = (self._logs(X, reset=False) - self.mean_) / self.scale_
        return np.clip(standardised, -LIMIT, LIMIT, out=standardised)

    def _logs(self, matrix: Any, *, reset: bool) -> Matrix:
        values: Matrix = validate_data(
            self, matrix, reset=reset, dtype=np.float64, ensure_all_finite="allow-nan", copy=True
        )
        filled = fill_gaps(values, self.tenure, self.waiting)
        # Symmetric, for a sum that returns have pushed below zero.
        logs: Matrix = np.sign(filled) * np.log1p(np.abs(filled))
        return logs

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags


def fill_gaps(values: Matrix, tenure: int | None, waiting: Sequence[int]) -> Matrix:
    """Fill missing waiting times with the tenure in days and other gaps with 0, in place."""
    if tenure is not None:
        days = np.nan_to_num(values[:, tenure]) * DAYS_PER_MONTH
        for column in waiting:
            missing = np.isnan(values[:, column])
            values[missing, column] = days[missing]
    return np.nan_to_num(values, copy=False, nan=0.0)

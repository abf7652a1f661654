"""Forecasts of the buy-till-you-die model, from the feature columns alone."""

from abc import ABC, abstractmethod
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from salesml.ml.attributions import Matrix, Split, shapley
from salesml.ml.bgnbd import Habits, fit_process, fit_spending

LEAST = 1e-6
"""No probability is nearer to 0 or 1."""


class _Buyers(BaseEstimator, ABC):  # type: ignore[misc]
    """What both forecasts share.

    Parameters
    ----------
    days, recency, first, spend : numbers of the columns with the days with a purchase, the days since the
        last and since the first purchase, and the amount of all purchases.
    horizon_days : how far the forecast looks.

    Attributes
    ----------
    process_, spending_ : fitted to the histories of the buyers; None where there are none.
    others_ : mean label of clients who never bought, whom the model knows nothing of.
    reference_ : the client whom contributions are measured from: the mean of every input.
    """

    def __init__(
        self, *, days: int = 0, recency: int = 1, first: int = 2, spend: int = 3, horizon_days: int = 30
    ) -> None:
        self.days = days
        self.recency = recency
        self.first = first
        self.spend = spend
        self.horizon_days = horizon_days

    @property
    def _columns(self) -> list[int]:
        return [self.days, self.recency, self.first, self.spend]

    def _learn(self, X: Any, y: Any) -> Self:  # noqa: N803
        matrix, label = validate_data(self, X, y, dtype=np.float64, ensure_all_finite="allow-nan")
        inputs = self._inputs(matrix)
        buyers = inputs[:, 0] > 0
        self.process_ = self.spending_ = None
        self.others_ = float(label[~buyers].mean()) if not buyers.all() else 0.0
        self.reference_ = inputs.mean(axis=0)
        if buyers.any():
            known = inputs[buyers]
            self.process_ = fit_process(_habits(known))
            self.reference_ = known.mean(axis=0)
            spenders = known[known[:, 3] > 0]
            if len(spenders):
                self.spending_ = fit_spending(spenders[:, 0], spenders[:, 3])
        return self

    def _inputs(self, matrix: Matrix) -> Matrix:
        """Purchase days, days since the last and since the first, mean amount of a purchase day."""
        values: Matrix = np.maximum(np.nan_to_num(matrix[:, self._columns]), 0.0)
        values[:, 3] /= np.maximum(values[:, 0], 1.0)
        return values

    def _split(self, X: Any) -> Split:  # noqa: N803
        check_is_fitted(self)
        matrix = validate_data(self, X, reset=False, dtype=np.float64, ensure_all_finite="allow-nan")
        inputs = self._inputs(matrix)
        rows, place = np.unique(inputs, axis=0, return_inverse=True)
        base, few = shapley(self._value, rows, self.reference_)
        parts = np.zeros(matrix.shape)
        parts[:, self._columns] = few[place.ravel()]
        return base, parts

    def _score(self, X: Any) -> Matrix:  # noqa: N803
        check_is_fitted(self)
        matrix = validate_data(self, X, reset=False, dtype=np.float64, ensure_all_finite="allow-nan")
        return self._value(self._inputs(matrix))

    @abstractmethod
    def _value(self, inputs: Matrix) -> Matrix:
        """What the model says of clients by these inputs: sales, or the log-odds of a purchase."""

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags


class BuyerSales(RegressorMixin, _Buyers):  # type: ignore[misc]
    """Expected purchases within the horizon times the expected amount of one."""

    def fit(self, X: Any, y: Any) -> Self:  # noqa: N803
        """X of shape (clients, features); y serves only clients who never bought."""
        return self._learn(X, y)

    def predict(self, X: Any) -> Matrix:  # noqa: N803
        """Sales in the unit of the amounts, shape (clients,)."""
        return self._score(X)

    def explain(self, X: Any) -> Split:  # noqa: N803
        """Shapley values of the four inputs; they add up to `predict`."""
        return self._split(X)

    def _value(self, inputs: Matrix) -> Matrix:
        known = inputs[:, 0] > 0
        sales = np.full(len(inputs), self.others_)
        if self.process_ is None or self.spending_ is None:
            return sales
        each = inputs[known]
        purchases = self.process_.expected(_habits(each), self.horizon_days)
        sales[known] = purchases * self.spending_.expected(each[:, 0], each[:, 3])
        return sales


class BuyerPurchase(ClassifierMixin, _Buyers):  # type: ignore[misc]
    """Probability of a purchase within the horizon, for class 1 against class 0."""

    def fit(self, X: Any, y: Any) -> Self:  # noqa: N803
        """X of shape (clients, features); y, 0 or 1, serves only clients who never bought."""
        self.classes_ = np.array([0, 1])
        return self._learn(X, y)

    def decision_function(self, X: Any) -> Matrix:  # noqa: N803
        """Log-odds of a purchase."""
        return self._score(X)

    def predict_proba(self, X: Any) -> Matrix:  # noqa: N803
        """Shape (clients, 2)."""
        probability = expit(self._score(X))
        return np.column_stack([1 - probability, probability])

    def predict(self, X: Any) -> NDArray[np.int64]:  # noqa: N803
        """1 where a purchase is likelier than none."""
        return (self._score(X) > 0).astype(np.int64)

    def explain(self, X: Any) -> Split:  # noqa: N803
        """Shapley values of the inputs; they add up to the log-odds."""
        return self._split(X)

    def _value(self, inputs: Matrix) -> Matrix:
        known = inputs[:, 0] > 0
        probability = np.full(len(inputs), self.others_)
        if self.process_ is not None:
            probability[known] = self.process_.buys(_habits(inputs[known]), self.horizon_days)
        return logit(np.clip(probability, LEAST, 1 - LEAST))  # type: ignore[no-any-return]


def _habits(inputs: Matrix) -> Habits:
    days, recency, first = inputs[:, 0], inputs[:, 1], inputs[:, 2]
    # Mixtures of two clients, which explanations ask about, may have a recency beyond the first purchase.
    return Habits(repeats=np.maximum(days - 1, 0.0), span=np.maximum(first - recency, 0.0), age=first)

"""Sales in two stages: does a client buy, and how much if so."""

from typing import Any, Self

import numpy as np
from scipy.special import expit
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.linear_model import LogisticRegression, Ridge, TweedieRegressor
from sklearn.utils.validation import check_is_fitted, validate_data

from salesml.ml.attributions import Matrix, Split, product, through

CEILING = 2.0
"""Amounts end at so many times the largest label that was learned from."""


class TwoStageSales(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """A logistic regression of buying at all, times a log-normal regression of the amount.

    Expects standardised inputs. With heavy tails its mean is steadier than that of one regression, since
    the amount is learned on the scale on which amounts differ (the hurdle model of Cragg, Econometrica
    39, 1971).

    Parameters
    ----------
    C : inverse strength of the penalty on the first stage.
    alpha : penalty of the second, in clients.

    Attributes
    ----------
    buys_, amount_ : the fitted stages, None where nobody or everybody bought, or nobody did.
    share_ : of clients who bought, taken for everybody without a first stage.
    half_variance_ : of the logarithms around the second stage; lifts their median to a mean.
    """

    def __init__(self, *, C: float = 0.1, alpha: float = 30.0) -> None:  # noqa: N803
        self.C = C
        self.alpha = alpha

    def fit(self, X: Any, y: Any) -> Self:  # noqa: N803
        """X of shape (clients, features), y are labels in any unit; those not above 0 bought nothing."""
        matrix, label = validate_data(self, X, y, dtype=np.float64, y_numeric=True)
        bought = label > 0
        self.share_ = float(bought.mean())
        self.buys_ = self.amount_ = None
        self.half_variance_ = 0.0
        if 0.0 < self.share_ < 1.0:
            self.buys_ = LogisticRegression(C=self.C, max_iter=1_000).fit(matrix, bought)
        if bought.any():
            logs = np.log(label[bought])
            self.amount_ = Ridge(alpha=self.alpha).fit(matrix[bought], logs)
            self.half_variance_ = float(np.var(logs - self.amount_.predict(matrix[bought]))) / 2
            self.ceiling_ = float(logs.max() + np.log(CEILING))
        return self

    def predict(self, X: Any) -> Matrix:  # noqa: N803
        """Expected sales in the unit of the labels, shape (clients,)."""
        base, parts = self.explain(X)
        sales: Matrix = base + parts.sum(axis=1)
        return np.maximum(sales, 0.0)

    def explain(self, X: Any) -> Split:  # noqa: N803
        """Base and contributions that add up to `predict`; the base is a client at the mean of all inputs."""
        check_is_fitted(self)
        matrix = validate_data(self, X, reset=False, dtype=np.float64)
        if self.amount_ is None:
            return 0.0, np.zeros(matrix.shape)
        logs = (float(self.amount_.intercept_), matrix * self.amount_.coef_)
        amount = through(logs, lambda score: np.exp(np.minimum(score + self.half_variance_, self.ceiling_)))
        if self.buys_ is None:
            return self.share_ * amount[0], self.share_ * amount[1]
        odds = (float(self.buys_.intercept_[0]), matrix * self.buys_.coef_[0])
        return product(through(odds, expit), amount)


class TweedieSales(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """One regression on a log scale for the mean itself, zeros included (Tweedie, Jorgensen 1987).

    Expects standardised inputs. The largest labels are cut at the `cap` quantile of those above zero;
    what is cut off is given back to everyone as one factor.

    Parameters
    ----------
    power : of the mean to which the variance is proportional, between 1 and 2.
    alpha : penalty on the coefficients.
    cap : quantile of the labels above zero at which they are cut.
    """

    def __init__(self, *, power: float = 1.5, alpha: float = 0.1, cap: float = 0.99) -> None:
        self.power = power
        self.alpha = alpha
        self.cap = cap

    def fit(self, X: Any, y: Any) -> Self:  # noqa: N803
        """X of shape (clients, features), y are labels in any unit; below 0 counts as 0."""
        matrix, label = validate_data(self, X, y, dtype=np.float64, y_numeric=True)
        sales = np.maximum(label, 0.0)
        self.model_ = None
        if not sales.any():
            return self
        cut = np.minimum(sales, np.quantile(sales[sales > 0], self.cap))
        self.model_ = TweedieRegressor(power=self.power, alpha=self.alpha, link="log", max_iter=1_000)
        self.model_.fit(matrix, cut / cut.mean())
        self.unit_ = float(sales.mean())
        self.ceiling_ = float(np.log(CEILING * sales.max() / self.unit_))
        return self

    def predict(self, X: Any) -> Matrix:  # noqa: N803
        """Expected sales in the unit of the labels, shape (clients,)."""
        base, parts = self.explain(X)
        sales: Matrix = base + parts.sum(axis=1)
        return np.maximum(sales, 0.0)

    def explain(self, X: Any) -> Split:  # noqa: N803
        """Base and contributions that add up to `predict`; the base is a client at the mean of all inputs."""
        check_is_fitted(self)
        matrix = validate_data(self, X, reset=False, dtype=np.float64)
        if self.model_ is None:
            return 0.0, np.zeros(matrix.shape)
        logs = (float(self.model_.intercept_), matrix * self.model_.coef_)
        return through(logs, lambda score: self.unit_ * np.exp(np.minimum(score, self.ceiling_)))

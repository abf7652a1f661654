"""Gradient boosted trees that cannot explode, and the share of every feature in what they say.

The only module that reads the trees inside scikit-learn's histogram gradient boosting: their arrays are
not part of its public interface, and model files are refused by another minor version anyway.
"""

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from salesml.ml.attributions import Matrix, Split, product, through

CEILING = 2.0
"""Forecasts end at so many times the largest label that was learned from."""


def attribute(model: Any, X: Matrix) -> Split:  # noqa: N803
    """Split the raw score of a fitted histogram gradient boosting (one tree an iteration) by feature.

    Going down a tree, each step moves the mean of the leaves below; the step is credited to the feature
    that was asked (Saabas 2014, "Interpreting random forests"). The base is the raw score of a client
    about whom nothing was asked.
    """
    base = float(np.ravel(model._baseline_prediction)[0])
    parts = np.zeros(X.shape)
    for (tree,) in model._predictors:
        nodes = tree.nodes
        means = _node_means(nodes)
        base += means[0]
        _walk(nodes, means, X, parts)
    return base, parts


def _node_means(nodes: NDArray[Any]) -> Matrix:
    """Of each node the mean of the leaves below it, weighted by their number of clients."""
    means: Matrix = nodes["value"].astype(np.float64)
    # Children stand behind their parents.
    for place in range(len(nodes) - 1, -1, -1):
        if not nodes["is_leaf"][place]:
            below = [nodes["left"][place], nodes["right"][place]]
            counts = nodes["count"][below].astype(np.float64)
            means[place] = means[below] @ counts / counts.sum()
    return means


def _walk(nodes: NDArray[Any], means: Matrix, X: Matrix, parts: Matrix) -> None:  # noqa: N803
    rows = np.arange(len(X))
    at = np.zeros(len(X), dtype=np.int64)
    while True:
        inner = nodes["is_leaf"][at] == 0
        rows, at = rows[inner], at[inner]
        if not len(rows):
            return
        asked = nodes["feature_idx"][at].astype(np.int64)
        value = X[rows, asked]
        missing = np.isnan(value)
        left = np.where(missing, nodes["missing_go_to_left"][at] == 1, value <= nodes["num_threshold"][at])
        after = np.where(left, nodes["left"][at], nodes["right"][at]).astype(np.int64)
        parts[rows, asked] += means[after] - means[at]
        at = after


class _Trees(BaseEstimator):  # type: ignore[misc]
    """What both kinds are set by.

    Parameters
    ----------
    trees : how many, in each stage.
    learning_rate, max_leaf_nodes, min_samples_leaf, l2_regularization, random_state : of scikit-learn's
        HistGradientBoostingRegressor; leaves of amounts are half as large, those of small samples smaller.
    """

    def __init__(
        self,
        *,
        trees: int = 120,
        learning_rate: float = 0.05,
        max_leaf_nodes: int = 8,
        min_samples_leaf: int = 80,
        l2_regularization: float = 10.0,
        random_state: int | None = 0,
    ) -> None:
        self.trees = trees
        self.learning_rate = learning_rate
        self.max_leaf_nodes = max_leaf_nodes
        self.min_samples_leaf = min_samples_leaf
        self.l2_regularization = l2_regularization
        self.random_state = random_state


class SalesTrees(RegressorMixin, _Trees):  # type: ignore[misc]
    """Boosted trees in two stages for sales: does a client buy, times how much on a log scale.

    One model of the mean itself can explode where a few large sales meet many zeros; here every leaf is a
    mean of log-odds or of logarithms, and forecasts end at CEILING times the largest label.

    Attributes
    ----------
    buys_, amount_ : the fitted stages, None where nobody or everybody bought, or nobody did.
    share_ : of clients who bought, taken for everybody without a first stage.
    empty_ : which columns had no value at all; they are not asked.
    half_variance_ : of the logarithms around the second stage; lifts their median to a mean.
    """

    def fit(self, X: Any, y: Any) -> Self:  # noqa: N803
        """X of shape (clients, features) may have gaps, y are labels in any unit; below 0 counts as 0."""
        matrix, label = validate_data(
            self, X, y, dtype=np.float64, ensure_all_finite="allow-nan", y_numeric=True
        )
        self.empty_ = np.isnan(matrix).all(axis=0)
        matrix = _without(matrix, self.empty_)
        bought = label > 0
        self.share_ = float(bought.mean())
        self.buys_ = self.amount_ = None
        self.half_variance_, self.ceiling_ = 0.0, 0.0
        if 0.0 < self.share_ < 1.0:
            self.buys_ = _booster(
                self, HistGradientBoostingClassifier, len(label), self.min_samples_leaf
            ).fit(matrix, bought)
        if bought.any():
            logs = np.log(label[bought])
            leaf = self.min_samples_leaf // 2
            regressor = _booster(self, HistGradientBoostingRegressor, len(logs), leaf)
            self.amount_ = regressor.fit(matrix[bought], logs)
            self.half_variance_ = float(np.var(logs - self.amount_.predict(matrix[bought]))) / 2
            self.ceiling_ = float(logs.max() + np.log(CEILING))
        return self

    def predict(self, X: Any) -> Matrix:  # noqa: N803
        """Expected sales in the unit of the labels, shape (clients,)."""
        matrix = self._checked(X)
        if self.amount_ is None:
            return np.zeros(len(matrix))
        amount = self._amount(self.amount_.predict(matrix))
        if self.buys_ is None:
            return self.share_ * amount
        sales: Matrix = expit(self.buys_.decision_function(matrix)) * amount
        return sales

    def explain(self, X: Any) -> Split:  # noqa: N803
        """Base and contributions that add up to `predict`."""
        matrix = self._checked(X)
        if self.amount_ is None:
            return 0.0, np.zeros(matrix.shape)
        amount = through(attribute(self.amount_, matrix), self._amount)
        if self.buys_ is None:
            return self.share_ * amount[0], self.share_ * amount[1]
        return product(through(attribute(self.buys_, matrix), expit), amount)

    def _amount(self, score: Matrix) -> Matrix:
        amount: Matrix = np.exp(np.minimum(score + self.half_variance_, self.ceiling_))
        return amount

    def _checked(self, matrix: Any) -> Matrix:
        check_is_fitted(self)
        return _numbers(self, matrix)

    def __sklearn_tags__(self) -> Any:
        return _with_gaps(super().__sklearn_tags__())


class PurchaseTrees(ClassifierMixin, _Trees):  # type: ignore[misc]
    """Boosted trees for the probability of class 1 against class 0."""

    def fit(self, X: Any, y: Any) -> Self:  # noqa: N803
        """X of shape (clients, features) may have gaps, y is 0 or 1."""
        matrix, label = validate_data(self, X, y, dtype=np.float64, ensure_all_finite="allow-nan")
        check_classification_targets(label)
        if len(np.unique(label)) > 2:
            raise ValueError("Only binary classification is supported.")
        self.empty_ = np.isnan(matrix).all(axis=0)
        matrix = _without(matrix, self.empty_)
        booster = _booster(self, HistGradientBoostingClassifier, len(matrix), self.min_samples_leaf)
        self.model_ = booster.fit(matrix, label)
        self.classes_ = self.model_.classes_
        return self

    def decision_function(self, X: Any) -> Matrix:  # noqa: N803
        """Log-odds of class 1."""
        check_is_fitted(self)
        score: Matrix = self.model_.decision_function(_numbers(self, X))
        return score

    def predict_proba(self, X: Any) -> Matrix:  # noqa: N803
        """Shape (clients, 2)."""
        probability = expit(self.decision_function(X))
        return np.column_stack([1 - probability, probability])

    def predict(self, X: Any) -> NDArray[Any]:  # noqa: N803
        """The likelier class."""
        places = (self.decision_function(X) > 0).astype(np.int64)
        classes: NDArray[Any] = self.classes_[places]
        return classes

    def explain(self, X: Any) -> Split:  # noqa: N803
        """Base and contributions that add up to the log-odds."""
        check_is_fitted(self)
        return attribute(self.model_, _numbers(self, X))

    def __sklearn_tags__(self) -> Any:
        tags = _with_gaps(super().__sklearn_tags__())
        tags.classifier_tags.multi_class = False
        return tags


def _booster(settings: Any, kind: type[Any], rows: int, leaf: int) -> Any:
    """An unfitted booster with the parameters of one of the classes above, for so many rows; the smallest
    leaf has `leaf` of them."""
    return kind(
        max_iter=settings.trees,
        learning_rate=settings.learning_rate,
        max_leaf_nodes=settings.max_leaf_nodes,
        min_samples_leaf=max(1, min(leaf, rows // 10)),
        l2_regularization=settings.l2_regularization,
        early_stopping=False,
        random_state=settings.random_state,
    )


def _numbers(estimator: Any, matrix: Any) -> Matrix:
    checked: Matrix = validate_data(
        estimator, matrix, reset=False, dtype=np.float64, ensure_all_finite="allow-nan"
    )
    return _without(checked, estimator.empty_)


def _without(matrix: Matrix, empty: NDArray[np.bool_]) -> Matrix:
    """The empty columns as zeros: scikit-learn cannot bin a column that has no value at all."""
    return np.where(empty, 0.0, matrix) if empty.any() else matrix


def _with_gaps(tags: Any) -> Any:
    tags.input_tags.allow_nan = True
    return tags

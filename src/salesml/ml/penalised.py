"""Logistic regression that can say why, and a pipeline that can."""

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from salesml.ml.attributions import Matrix, Split


class PenalisedLogistic(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Logistic regression with a squared penalty; where all labels are equal, nearly certain of them.

    Parameters
    ----------
    C : inverse strength of the penalty.

    Attributes
    ----------
    coef_, intercept_ : log-odds of class 1 are `intercept_ + X @ coef_`.
    """

    def __init__(self, *, C: float = 0.1) -> None:  # noqa: N803
        self.C = C

    def fit(self, X: Any, y: Any) -> Self:  # noqa: N803
        """X of shape (clients, features), standardised; y has two classes at most."""
        matrix, label = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(label)
        self.classes_, places = np.unique(label, return_inverse=True)
        if len(self.classes_) > 2:
            raise ValueError(f"Only binary classification is supported. Number of classes: {self.classes_}")
        if len(self.classes_) == 2:
            model = LogisticRegression(C=self.C, max_iter=1_000).fit(matrix, places)
            self.coef_, self.intercept_ = model.coef_[0], float(model.intercept_[0])
            return self
        # As if one more client of each kind had been seen.
        share = (len(places) + 1) / (len(places) + 2)
        certain = float(logit(share))
        self.coef_ = np.zeros(matrix.shape[1])
        self.intercept_ = certain if label[0] == 1 else -certain
        self.classes_ = np.array([0, 1]) if label[0] in (0, 1) else self.classes_
        return self

    def decision_function(self, X: Any) -> Matrix:  # noqa: N803
        """Log-odds of the second class."""
        check_is_fitted(self)
        matrix = validate_data(self, X, reset=False, dtype=np.float64)
        odds: Matrix = self.intercept_ + matrix @ self.coef_
        return odds

    def predict_proba(self, X: Any) -> Matrix:  # noqa: N803
        """Shape (clients, 2)."""
        probability = expit(self.decision_function(X))
        return np.column_stack([1 - probability, probability])

    def predict(self, X: Any) -> NDArray[Any]:  # noqa: N803
        """The likelier class."""
        places = (self.decision_function(X) > 0).astype(np.int64)
        likelier: NDArray[Any] = self.classes_[np.minimum(places, len(self.classes_) - 1)]
        return likelier

    def explain(self, X: Any) -> Split:  # noqa: N803
        """Base and contributions that add up to the log-odds."""
        check_is_fitted(self)
        matrix = validate_data(self, X, reset=False, dtype=np.float64)
        return self.intercept_, matrix * self.coef_

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags


class Explained(Pipeline):  # type: ignore[misc]
    """A pipeline of one transformer that keeps its columns and one estimator that explains itself."""

    def explain(self, X: Any) -> Split:  # noqa: N803
        """Base and contributions of the input columns, as the estimator splits its forecast."""
        split: Split = self[-1].explain(self[:-1].transform(X))
        return split

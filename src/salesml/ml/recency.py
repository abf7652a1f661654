"""A client who never bought has no recency: the tenure stands in for it."""

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from salesml.core.days import DAYS_PER_MONTH


class RecencyImputer(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Replace a missing recency by the tenure in days: he has not bought for at least that long.

    Parameters
    ----------
    recency, tenure : column numbers of the recency in days and of the tenure in months; with None
        nothing is imputed.
    keep_tenure : whether the tenure column stays in the output; False for a model without it.

    Attributes
    ----------
    n_features_in_, feature_names_in_ : as everywhere in scikit-learn.
    output_columns_ : numbers of the input columns that the output has, in its order.
    """

    def __init__(
        self, *, recency: int | None = None, tenure: int | None = None, keep_tenure: bool = True
    ) -> None:
        self.recency = recency
        self.tenure = tenure
        self.keep_tenure = keep_tenure

    def fit(self, X: Any, y: Any = None) -> Self:  # noqa: N803, ARG002
        """Check the columns; X is of shape (clients, features), a missing value is NaN.

        Raises ValueError when only one of the two columns is named, or one is not there.
        """
        matrix = self._checked(X, reset=True)
        named = [column for column in (self.recency, self.tenure) if column is not None]
        if len(named) == 1 or any(not 0 <= column < matrix.shape[1] for column in named):
            raise ValueError(f"recency={self.recency}, tenure={self.tenure} are not two columns of X")
        dropped = None if self.keep_tenure else self.tenure
        self.output_columns_ = np.array([n for n in range(matrix.shape[1]) if n != dropped], dtype=np.int64)
        return self

    def transform(self, X: Any) -> NDArray[np.float64]:  # noqa: N803
        """A copy of X, shape (clients, output columns), with recencies filled in."""
        check_is_fitted(self)
        matrix = self._checked(X, reset=False)
        if self.recency is not None and self.tenure is not None:
            missing = np.isnan(matrix[:, self.recency])
            matrix[missing, self.recency] = matrix[missing, self.tenure] * DAYS_PER_MONTH
        return matrix if len(self.output_columns_) == matrix.shape[1] else matrix[:, self.output_columns_]

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Names of the output columns."""
        check_is_fitted(self)
        names = getattr(self, "feature_names_in_", None) if input_features is None else input_features
        if names is None:
            names = [f"x{number}" for number in range(self.n_features_in_)]
        return np.asarray(names, dtype=object)[self.output_columns_]

    def _checked(self, matrix: Any, *, reset: bool) -> NDArray[np.float64]:
        checked: NDArray[np.float64] = validate_data(
            self, matrix, reset=reset, dtype=np.float64, ensure_all_finite="allow-nan", copy=True
        )
        return checked

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags

"""Several models as one: a weighted mean whose weights come from older windows.

Log-odds are averaged, and logarithms of sales: a geometric mean is near the smaller forecasts where
members disagree, which costs less where most clients buy nothing.

The weights are learned on the newest training dates, which the members then had not seen: each is fitted
on dates whose labels ended before. Afterwards all members are fitted anew on every date. Weights are
pulled towards prior ones, so that little data changes them little (Breiman 1996, "Stacked regressions").
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, clone
from sklearn.metrics import log_loss
from sklearn.utils.validation import check_is_fitted, validate_data

from salesml.ml.attributions import Matrix, Split, through, weighted

GAP_DAYS = 30
"""The longest label: a member judged at a date learns from dates at least so much older."""
JUDGED_DATES = 3
MIN_POSITIVES = 50
PULL = 0.2
"""Loss, as a share of that of the prior weights, that a move of length 1 has to gain."""
FLOOR = 0.01
"""Forecasts below this share of the mean label count as it while logarithms are averaged."""
TAIL = 0.995
"""Labels and forecasts above this quantile of the labels above 0 count as it while weights are learned."""

Members = Sequence[tuple[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Judged:
    """Scores of all members, shape (rows, members), and what happened."""

    scores: Matrix
    label: Matrix


class _Blend(BaseEstimator, ABC):  # type: ignore[misc]
    """What both blends share.

    Parameters
    ----------
    members : pairs of a name and an unfitted estimator with `predict` or `decision_function`, `explain`.
    prior : weights by name that the learned ones are pulled to; of the members that take part, they are
        scaled to add up to 1. None: equal ones.
    needs : labels above 0 that a member needs, by name; with fewer it is left out, unless none were left.

    Attributes
    ----------
    members_ : the fitted members that have a weight, in order.
    weights_ : by name, those above 0, adding up to 1.
    learned_ : whether there was enough to learn them from.
    typical_ : mean of each column: what one that is unknown later counts as.
    """

    def __init__(
        self,
        members: Members = (),
        *,
        prior: Mapping[str, float] | None = None,
        needs: Mapping[str, int] | None = None,
    ) -> None:
        self.members = members
        self.prior = prior
        self.needs = needs

    def _learn(self, X: Any, y: Any, days: Any) -> Self:  # noqa: N803
        matrix, label = validate_data(self, X, y, dtype=np.float64, ensure_all_finite="allow-nan")
        # A column without any value has no mean, and no member asks for it.
        counts = np.maximum((~np.isnan(matrix)).sum(axis=0), 1)
        self.typical_ = np.nansum(matrix, axis=0) / counts
        members = self._fed(_positives(label))
        prior = np.array([(self.prior or {}).get(name, 1.0) for name, _ in members])
        weights = prior / prior.sum()
        judged = None if days is None else self._judge(members, matrix, label, np.asarray(days))
        self.learned_ = judged is not None
        if judged is not None:
            usual = self._losses(judged, weights)
            weights = best_weights(lambda each: float((self._losses(judged, each) / usual).mean()), weights)
        self.weights_ = {name: float(w) for (name, _), w in zip(members, weights, strict=True) if w > 0}
        self.members_ = [
            (name, clone(model).fit(matrix, label)) for name, model in members if name in self.weights_
        ]
        return self

    def _fed(self, positives: int) -> Members:
        """The members that so many labels above 0 can feed; the first alone, if none."""
        needs = self.needs or {}
        fed = [(name, model) for name, model in self.members if positives >= needs.get(name, 0)]
        return fed or self.members[:1]

    def _judge(
        self, members: Members, matrix: Matrix, label: Matrix, days: NDArray[np.int64]
    ) -> Judged | None:
        """Forecasts of the newest dates by members that learned from older ones; None with too little."""
        dates = np.unique(days)
        for count in range(min(JUDGED_DATES, len(dates) - 1), 0, -1):
            newest = days >= dates[-count]
            older = days <= dates[-count] - GAP_DAYS
            if min(_positives(label[newest]), _positives(label[older])) >= MIN_POSITIVES:
                break
        else:
            return None
        fitted = [clone(model).fit(matrix[older], label[older]) for _, model in members]
        scores = np.column_stack([self._score(model, matrix[newest]) for model in fitted])
        return Judged(scores=scores, label=label[newest])

    def _split(self, X: Any) -> Split:  # noqa: N803
        check_is_fitted(self)
        splits = [self._as_score(model.explain(X)) for _, model in self.members_]
        return weighted(splits, [self.weights_[name] for name, _ in self.members_])

    def _as_score(self, split: Split) -> Split:
        return split

    def _scores(self, X: Any) -> Matrix:  # noqa: N803
        check_is_fitted(self)
        scores: Matrix = sum(
            (self.weights_[name] * self._score(model, X) for name, model in self.members_),
            start=np.zeros(len(X)),
        )
        return scores

    @abstractmethod
    def _score(self, model: Any, matrix: Matrix) -> Matrix:
        """What of a member is averaged."""

    @abstractmethod
    def _losses(self, judged: Judged, weights: Matrix) -> Matrix:
        """What the weights are judged by, one number or several."""

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags


class SalesBlend(RegressorMixin, _Blend):  # type: ignore[misc]
    """A weighted geometric mean of sales forecasts; weights by squared and absolute error, in equal parts."""

    def fit(self, X: Any, y: Any, days: Any = None) -> Self:  # noqa: N803
        """X of shape (clients, features) in time order, `days` the as-of day of each row."""
        mean = float(np.maximum(np.asarray(y, dtype=np.float64), 0.0).mean())
        self.floor_ = max(FLOOR * mean, np.finfo(np.float64).tiny)
        return self._learn(X, y, days)

    def predict(self, X: Any) -> Matrix:  # noqa: N803
        """Sales in the unit of the labels, shape (clients,)."""
        sales: Matrix = np.exp(self._scores(X))
        return sales

    def explain(self, X: Any) -> Split:  # noqa: N803
        """Base and contributions that add up to `predict`."""
        return through(self._split(X), np.exp)

    def _score(self, model: Any, matrix: Matrix) -> Matrix:
        return self._log(model.predict(matrix))

    def _as_score(self, split: Split) -> Split:
        return through(split, self._log)

    def _log(self, sales: Matrix) -> Matrix:
        logs: Matrix = np.log(np.maximum(sales, self.floor_))
        return logs

    def _losses(self, judged: Judged, weights: Matrix) -> Matrix:
        # One client in a thousand would decide alone.
        top = np.quantile(judged.label[judged.label > 0], TAIL)
        error = np.minimum(judged.label, top) - np.minimum(np.exp(judged.scores @ weights), top)
        return np.array([error @ error, np.abs(error).sum()])


class PurchaseBlend(ClassifierMixin, _Blend):  # type: ignore[misc]
    """A weighted mean of log-odds; weights by log loss."""

    def fit(self, X: Any, y: Any, days: Any = None) -> Self:  # noqa: N803
        """X of shape (clients, features) in time order, y is 0 or 1, `days` the as-of day of each row."""
        self.classes_ = np.array([0, 1])
        return self._learn(X, y, days)

    def decision_function(self, X: Any) -> Matrix:  # noqa: N803
        """Log-odds of class 1."""
        return self._scores(X)

    def predict_proba(self, X: Any) -> Matrix:  # noqa: N803
        """Shape (clients, 2)."""
        probability = expit(self._scores(X))
        return np.column_stack([1 - probability, probability])

    def predict(self, X: Any) -> NDArray[np.int64]:  # noqa: N803
        """1 where it is likelier than 0."""
        return (self._scores(X) > 0).astype(np.int64)

    def explain(self, X: Any) -> Split:  # noqa: N803
        """Base and contributions that add up to the log-odds."""
        return self._split(X)

    def _score(self, model: Any, matrix: Matrix) -> Matrix:
        odds: Matrix = model.decision_function(matrix)
        return odds

    def _losses(self, judged: Judged, weights: Matrix) -> Matrix:
        return np.array([log_loss(judged.label, expit(judged.scores @ weights), labels=[0, 1])])


def best_weights(loss: Callable[[Matrix], float], prior: Matrix) -> Matrix:
    """Weights, none below 0, adding up to 1, of the least loss with its pull; a weight under 1 % is none."""

    def pulled(weights: Matrix) -> float:
        away = weights - prior
        return loss(weights) + PULL * float(away @ away)

    found = minimize(
        pulled,
        prior,
        method="SLSQP",
        bounds=[(0.0, 1.0)] * len(prior),
        constraints={"type": "eq", "fun": lambda weights: weights.sum() - 1.0},
    ).x
    kept = np.where(np.isfinite(found) & (found >= 0.01), found, 0.0)
    weights: Matrix = kept / kept.sum() if kept.sum() > 0 else prior
    return weights


def _positives(label: Matrix) -> int:
    return int(np.count_nonzero(label > 0))

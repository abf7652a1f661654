"""One fit of one recipe, and what is written down of it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from sklearn.pipeline import Pipeline
from threadpoolctl import threadpool_limits

from salesml.core.days import date_of
from salesml.core.models import Target
from salesml.ml.estimators import EstimatorSpec
from salesml.ml.examples import Matrix, Rows
from salesml.ml.prediction import predict_purchase, predict_sales
from salesml.ml.rolling import Values


@dataclass(frozen=True, kw_only=True)
class Fit:
    """A pipeline with what it was fitted on: `days` newest first, `matrix` and `label` by row."""

    pipeline: Pipeline
    target: Target
    features: tuple[str, ...]
    days: tuple[int, ...]
    matrix: Matrix
    label: Matrix

    def predict(self, rows: Rows) -> Values:
        """One forecast a row: whole minor units of sales (0 or more), or the probability of a purchase."""
        if self.target is Target.SALES:
            return predict_sales(self.pipeline, self.features, rows.features).astype(float)
        return predict_purchase(self.pipeline, self.features, rows.features)

    @property
    def facts(self) -> dict[str, object]:
        """Dates, rows, positives and the hash of the data, as they stand in a version's record."""
        digest = hashlib.sha256(self.matrix.data)
        digest.update(self.label.data)
        return {
            "dates": [date_of(day).isoformat() for day in self.days],
            "rows": len(self.label),
            "positives": int((self.label > 0).sum()),
            "sha256": digest.hexdigest(),
        }


def fit(
    spec: EstimatorSpec, target: Target, features: Sequence[str], days: tuple[int, ...], rows: Rows
) -> Fit:
    """Fit an estimator on the rows of the days. The same data gives the same pipeline, to the last bit."""
    matrix, label = rows.matrix(features), rows.label(target)
    # Sums in several threads end in other last bits; one thread makes the fit repeatable.
    with threadpool_limits(limits=1):
        pipeline = spec.build(features).fit(matrix, label)
    return Fit(
        pipeline=pipeline,
        target=target,
        features=tuple(features),
        days=days,
        matrix=matrix,
        label=label,
    )

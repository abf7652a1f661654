"""One fit of one recipe, and what is written down of it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
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
    """A pipeline with what it was fitted on: `days` newest first, `matrix` and `label` by row, `share` of
    the clients."""

    pipeline: Pipeline
    target: Target
    features: tuple[str, ...]
    days: tuple[int, ...]
    matrix: Matrix
    label: Matrix
    share: float = 1.0

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
            "share_of_clients": self.share,
            **({"weights": self.pipeline.weights_} if hasattr(self.pipeline, "weights_") else {}),
            "positives": int((self.label > 0).sum()),
            "sha256": digest.hexdigest(),
        }


def fit(
    spec: EstimatorSpec, target: Target, features: Sequence[str], days: tuple[int, ...], rows: Rows
) -> Fit:
    """Fit an estimator on the rows of the days. The same data gives the same pipeline, to the last bit."""
    used, share = _sample(rows, spec.max_rows)
    matrix, label = used.matrix(features), used.label(target)
    extra = {"days": used.features["as_of_day"].to_numpy()} if spec.by_date else {}
    # Sums in several threads end in other last bits; one thread makes the fit repeatable.
    with threadpool_limits(limits=1):
        pipeline = spec.build(features).fit(matrix, label, **extra)
    return Fit(
        pipeline=pipeline,
        share=share,
        target=target,
        features=tuple(features),
        days=days,
        matrix=matrix,
        label=label,
    )


def _sample(rows: Rows, max_rows: int | None) -> tuple[Rows, float]:
    """Rows of so many clients as fit, the same clients at every date, and the share that was asked for.

    Who belongs to the sample follows from the client's id alone.
    """
    count = len(rows.sales)
    if max_rows is None or count <= max_rows:
        return rows, 1.0
    share = max_rows / count
    # Fibonacci hashing: numbers in a row are spread evenly (Knuth, The Art of Computer Programming 3, 6.4).
    mixed = rows.features["client_id"].to_numpy().astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    kept = np.flatnonzero((mixed >> np.uint64(32)).astype(np.float64) < share * 2.0**32)
    part = Rows(features=rows.features.take(kept), sales=rows.sales[kept], bought=rows.bought[kept])
    return part, round(share, 4)

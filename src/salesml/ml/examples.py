"""Training material: features and labels of several as-of dates, read by date."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from salesml.core.models import Target
from salesml.ml.estimators import inputs_of
from salesml.ml.features.definitions import CLIENT_FEATURES
from salesml.ml.features.engine import Resources
from salesml.ml.features.engine import features as compute_features
from salesml.ml.features.engine import labels as compute_labels
from salesml.ml.history import History

Matrix = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Clients at one or more dates, by (as_of_day, client_id): their features, and labels of equal length.

    `sales` are minor units within 30 days (int64), `bought` is 0 or 1 within 14 days (int8).
    """

    features: pa.Table
    sales: NDArray[np.int64]
    bought: NDArray[np.int8]

    def label(self, target: Target) -> Matrix:
        """What the target's model learns: minor units of sales, or 0 and 1."""
        return (self.sales if target is Target.SALES else self.bought).astype(np.float64)

    def matrix(self, features: Sequence[str]) -> Matrix:
        return matrix(self.features, features)


@dataclass(frozen=True, kw_only=True)
class Examples:
    """Tables by date, each by client: `features` of every asked date, `labels` of those that have matured."""

    features: Mapping[int, pa.Table]
    labels: Mapping[int, pa.Table]

    def at(self, days: Iterable[int]) -> Rows:
        """Rows of the dates, stacked in time order. Raises ValueError when features and labels disagree."""
        wanted = sorted(set(days))
        features = pa.concat_tables([self.features[day] for day in wanted])
        labels = pa.concat_tables([self.labels[day] for day in wanted])
        if not features["client_id"].equals(labels["client_id"]):
            raise ValueError(f"features and labels are not of the same clients at {wanted}")
        return Rows(features=features, sales=labels["sales"].to_numpy(), bought=labels["bought"].to_numpy())


def by_day(table: pa.Table, days: Iterable[int]) -> dict[int, pa.Table]:
    """The rows of each date, by client, without further copies."""
    ordered = table.sort_by([("as_of_day", "ascending"), ("client_id", "ascending")])
    row_days = ordered["as_of_day"].to_numpy()
    parts = {}
    for day in days:
        start, end = np.searchsorted(row_days, [day, day + 1])
        parts[day] = ordered.slice(start, end - start)
    return parts


def column(table: pa.Table, name: str) -> Matrix:
    """One numeric column as float64, null as NaN."""
    values: Matrix = table[name].to_numpy().astype(np.float64, copy=False)
    return values


def matrix(table: pa.Table, features: Sequence[str]) -> Matrix:
    """What a pipeline of these features reads, shape (rows, len(inputs_of(features))), null as NaN."""
    names = inputs_of(features)
    filled = np.empty((table.num_rows, len(names)), dtype=np.float64)
    for number, name in enumerate(names):
        filled[:, number] = column(table, name)
    return filled


def load_examples(
    history: History,
    *,
    feature_days: Collection[int],
    label_days: Collection[int],
    wanted: Sequence[str] = CLIENT_FEATURES,
    resources: Resources | None = None,
) -> Examples:
    """Compute features and labels of all dates at once. Labels of a date look 30 days past it."""
    features = compute_features(history, sorted(feature_days), resources, wanted=wanted)
    labels = compute_labels(history, sorted(label_days), resources=resources)
    return Examples(features=by_day(features, feature_days), labels=by_day(labels, label_days))

"""How far the clients of today are from those that a model learned from.

The population stability index compares shares of clients in bins of the training data:
PSI = sum((now - then) * ln(now / then)) (Siddiqi, Credit Risk Scorecards, 2006).
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

from salesml.ml.examples import column
from salesml.ml.rolling import Values

BINS = 10
_LEAST = 1e-4
"""An empty bin counts as so small a share: its logarithm must exist."""

Reference = Mapping[str, Sequence[float]]
"""`edges` between bins and `shares` of clients in them; the last share is that of unknown values."""


def reference(tables: Sequence[pa.Table], features: Sequence[str]) -> dict[str, Reference]:
    """Bins of about equally many training rows for each feature; fewer where values repeat."""
    return {name: _reference(np.concatenate([column(each, name) for each in tables])) for name in features}


def stability(references: Mapping[str, Reference], table: pa.Table) -> dict[str, float]:
    """The population stability index of each feature of the clients now against the reference."""
    return {
        name: _index(np.array(known["shares"]), _shares(column(table, name), np.array(known["edges"])))
        for name, known in references.items()
    }


def _reference(values: Values) -> Reference:
    known = values[~np.isnan(values)]
    inner = np.linspace(0, 1, BINS + 1)[1:-1]
    edges = np.unique(np.quantile(known, inner, method="lower")) if len(known) else np.empty(0)
    return {"edges": edges.tolist(), "shares": _shares(values, edges).tolist()}


def _shares(values: Values, edges: Values) -> Values:
    unknown = np.isnan(values)
    place = np.where(unknown, len(edges) + 1, np.searchsorted(edges, values, side="left"))
    counts = np.bincount(place, minlength=len(edges) + 2)
    return counts / max(len(values), 1)


def _index(then: Values, now: Values) -> float:
    before, after = np.maximum(then, _LEAST), np.maximum(now, _LEAST)
    return float(((after - before) * np.log(after / before)).sum())

"""From a fitted pipeline and a table of features to forecasts."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from salesml.ml.examples import matrix


def predict_sales(pipeline: Any, features: Sequence[str], table: pa.Table) -> NDArray[np.int64]:
    """Sales of the next 30 days in minor units, one for each row: floored at 0, rounded half-even.

    In one thread: trees in several wait for each other on a busy machine.
    """
    if table.num_rows == 0:
        return np.empty(0, dtype=np.int64)
    with threadpool_limits(limits=1):
        raw = pipeline.predict(matrix(table, features))
    rounded: NDArray[np.int64] = np.rint(np.maximum(raw, 0.0)).astype(np.int64)
    return rounded


def predict_purchase(pipeline: Any, features: Sequence[str], table: pa.Table) -> NDArray[np.float64]:
    """Probability of a purchase within 14 days, one for each row."""
    if table.num_rows == 0:
        return np.empty(0, dtype=np.float64)
    with threadpool_limits(limits=1):
        probability: NDArray[np.float64] = pipeline.predict_proba(matrix(table, features))[:, 1]
    return probability


def with_typical(pipeline: Any, features: Sequence[str], table: pa.Table, unknown: Sequence[str]) -> pa.Table:
    """The table with unknown features at their mean in training, where the pipeline has it as `typical_`."""
    means = getattr(pipeline, "typical_", None)
    if means is None:
        return table
    for name in unknown:
        place = table.column_names.index(name)
        mean = float(means[list(features).index(name)])
        table = table.set_column(place, name, pa.array(np.full(table.num_rows, mean)))
    return table


def decision(probability: NDArray[np.float64], threshold: float) -> NDArray[np.int8]:
    """1 where the probability reaches the threshold, else 0."""
    return (probability >= threshold).astype(np.int8)

"""Whether stated probabilities come true, and when a model may only claim to rank."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import beta

from salesml.ml.ranking import expected_calibration_error
from salesml.ml.rolling import Values, Window

BINS = 10
MIN_BUYERS = 100
"""Fewer buyers leave shares so uncertain that nobody could tell whether the probabilities are right."""
MOST_ERROR = 0.05
CONFIDENCE = 0.95


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """`reason` is None where the probabilities can be believed; otherwise they only rank, and it says why:
    a code, with its figures in `values`."""

    error: float
    bins: Sequence[Mapping[str, float]]
    reason: str | None
    values: Mapping[str, float]


def calibration(windows: Sequence[Window]) -> Calibration:
    """Judge the probabilities of past windows, pooled, against the purchases that came."""
    bought = np.concatenate([window.rows.bought for window in windows]).astype(np.float64)
    probability = np.concatenate([window.predicted for window in windows])
    error = expected_calibration_error(bought, probability)
    buyers = int(bought.sum())
    reason, values = None, {}
    if buyers < MIN_BUYERS:
        reason, values = "few_buyers", {"buyers": float(buyers), "needed": float(MIN_BUYERS)}
    elif error > MOST_ERROR:
        reason, values = "off", {"error": error, "allowed": MOST_ERROR}
    return Calibration(error=error, bins=reliability(bought, probability), reason=reason, values=values)


def reliability(bought: Values, probability: Values, bins: int = BINS) -> list[Mapping[str, float]]:
    """The points of a reliability diagram: bins of equally many clients, by probability.

    Each has the mean `stated` probability, the `observed` share of buyers with its Clopper-Pearson
    interval (`lower`, `upper`; Biometrika 26, 1934), and the number of `clients`.
    """
    parts = np.array_split(np.argsort(probability, kind="stable"), bins)
    return [_point(bought[part], probability[part]) for part in parts if len(part)]


def _point(bought: Values, probability: Values) -> Mapping[str, float]:
    count, buyers = len(bought), float(bought.sum())
    tail = (1 - CONFIDENCE) / 2
    lower = float(beta.ppf(tail, buyers, count - buyers + 1)) if buyers else 0.0
    upper = float(beta.ppf(1 - tail, buyers + 1, count - buyers)) if buyers < count else 1.0
    return {
        "stated": float(probability.mean()),
        "observed": buyers / count,
        "lower": lower,
        "upper": upper,
        "clients": float(count),
    }

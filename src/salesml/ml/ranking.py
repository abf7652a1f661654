"""Scores of an order of clients, and of how far probabilities can be believed."""

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

TOP = 0.10
"""The share of clients that a shop could contact: what `top_share` and `lift` look at."""
ECE_BINS = 15


def normalised_gini(actual: Values, predicted: Values) -> float:
    """How much of the perfect order of clients by sales the forecast finds: 1 all of it, 0 none.

    Clients with equal forecasts share their sales evenly, so that their order does not matter. Gini of
    a Lorenz curve by forecast over that by sales (Frees, Meyers & Cummings, JASA 106, 2011). The
    caller must see to it that sales are not all equal.
    """
    return _gini(actual, predicted) / _gini(actual, actual)


def top_share(actual: Values, predicted: Values, share: float = TOP) -> float:
    """Which share of `actual` lies with the clients of the highest forecasts; ties count evenly."""
    size = max(1, int(np.ceil(len(actual) * share)))
    return float(_shared(actual, predicted)[:size].sum() / actual.sum())


def lift(bought: Values, probability: Values, share: float = TOP) -> float:
    """How many times more buyers are among the most probable clients than among as many at random."""
    size = max(1, int(np.ceil(len(bought) * share)))
    return float(_shared(bought, probability)[:size].mean() / bought.mean())


def expected_calibration_error(bought: Values, probability: Values, bins: int = ECE_BINS) -> float:
    """Mean distance between stated and observed shares of buyers, over bins of equally many clients.

    Naeini, Cooper & Hauskrecht, AAAI 2015, with bins of equal mass (Nguyen & O'Connor, EMNLP 2015).
    """
    parts = np.array_split(np.argsort(probability, kind="stable"), bins)
    gaps = [len(part) * abs(bought[part].mean() - probability[part].mean()) for part in parts if len(part)]
    return float(sum(gaps) / len(bought))


def _gini(actual: Values, predicted: Values) -> float:
    found = np.cumsum(_shared(actual, predicted)) / actual.sum()
    return float(found.mean() - (len(actual) + 1) / (2 * len(actual)))


def _shared(actual: Values, predicted: Values) -> Values:
    """`actual` by falling forecast, each run of equal forecasts replaced by its mean."""
    order = np.argsort(-predicted, kind="stable")
    _, starts, counts = np.unique(-predicted[order], return_index=True, return_counts=True)
    means = np.add.reduceat(actual[order], starts) / counts
    return np.repeat(means, counts)

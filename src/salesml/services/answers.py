"""What the five-feature forecasts answer, for one client and for many."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True, slots=True)
class SalesAnswer:
    """Net sales of the coming `horizon_days` in major units; the bounds, at 80 %, are None where the version
    has no intervals."""

    predicted_sales: float
    lower: float | None = None
    upper: float | None = None
    currency: str
    horizon_days: int
    model_version: str
    ignored_features: Sequence[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class PurchaseAnswer:
    """Probability of a purchase within `horizon_days`; `decision` is 1 from the threshold on, else 0.

    With `ranking_only` the probability orders clients, and is not to be taken at its word.
    """

    probability: float
    decision: int
    threshold: float
    ranking_only: bool
    horizon_days: int
    model_version: str
    ignored_features: Sequence[str]


Columns = Mapping[str, NDArray[np.float64]]
"""Inputs of many clients by name: equally long, checked, NaN for null, money in major units."""


@dataclass(frozen=True, kw_only=True)
class SalesAnswers:
    """The same for many clients; forecasts and bounds are in major units, one for each."""

    predicted_sales: NDArray[np.float64]
    lower: NDArray[np.float64] | None
    upper: NDArray[np.float64] | None
    currency: str
    horizon_days: int
    model_version: str
    ignored_features: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class PurchaseAnswers:
    """The same for many clients; `probability` and `decision` hold one value for each."""

    probability: NDArray[np.float64]
    decision: NDArray[np.int8]
    threshold: float
    ranking_only: bool
    horizon_days: int
    model_version: str
    ignored_features: Sequence[str]

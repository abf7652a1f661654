"""Forecasts of past dates by fits that saw nothing later: what intervals, the gate and alarms look at."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from salesml.core.models import Target
from salesml.ml.examples import Rows

Values = NDArray[np.float64]
_SMALLEST = 1e-6
"""A probability of exactly 0 or 1 that proves wrong would cost infinitely much."""


@dataclass(frozen=True, kw_only=True)
class Window:
    """What one recipe, fitted on dates whose labels had matured at `day`, forecast at `day`.

    `rows` are the clients known then with what they did afterwards, `predicted` one forecast for each:
    minor units of sales (0 or more), or the probability of a purchase. `features` are those in use.
    """

    day: int
    target: Target
    rows: Rows
    predicted: Values
    features: tuple[str, ...]

    @property
    def clients(self) -> NDArray[np.int64]:
        """Ids of the clients, in the order of the rows."""
        ids: NDArray[np.int64] = self.rows.features["client_id"].to_numpy()
        return ids

    def losses(self, exponent: int) -> Values:
        """What each forecast cost: the squared error in major units, or the log loss in nats."""
        actual = self.rows.label(self.target)
        if self.target is Target.SALES:
            squared: Values = np.square((actual - self.predicted) / 10.0**exponent)
            return squared
        right = np.where(actual == 1, self.predicted, 1 - self.predicted)
        surprise: Values = -np.log(np.clip(right, _SMALLEST, 1))
        return surprise


def deciding(target: Target, mean_loss: Values | float) -> Values | float:
    """The metric that decides between recipes: RMSE of sales, log loss of purchases."""
    return np.sqrt(mean_loss) if target is Target.SALES else mean_loss


def score(windows: Sequence[Window], exponent: int) -> float:
    """The deciding metric over all rows of the windows, pooled."""
    losses = np.concatenate([window.losses(exponent) for window in windows])
    return float(deciding(windows[0].target, float(losses.mean())))

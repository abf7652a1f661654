"""How often clients come back until they are lost, and what they spend: buyers until they die.

The modified BG/NBD model: purchases by a Poisson process whose rate differs between clients (gamma), who
may leave for good after every purchase, the first one included, with a probability that differs too
(beta). Fader, Hardie & Lee, Marketing Science 24 (2005); the modification is of Batislam, Denizel &
Filiztekin, International Journal of Research in Marketing 24 (2007). Spending by gamma-gamma: Fader &
Hardie, "The Gamma-Gamma Model of Monetary Value" (2013).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import betaln, gammaln, hyp2f1

Matrix = NDArray[np.float64]
PENALTY = 1e-3
"""Of the squared logarithms of the parameters, a client: a prior that hardly moves a fit that the data
holds, and holds one that it does not."""
_BOUND = 6.0


@dataclass(frozen=True, kw_only=True)
class Habits:
    """Buyers: `repeats` purchase days after the first, `span` days from the first to the last, `age` days
    from the first to now, all float64 of shape (clients,)."""

    repeats: Matrix
    span: Matrix
    age: Matrix


@dataclass(frozen=True, kw_only=True)
class PurchaseProcess:
    """Rates are gamma with shape `r` and scale 1 / `alpha` (days); leaving is beta(`a`, `b`)."""

    r: float
    alpha: float
    a: float
    b: float

    def alive(self, habits: Habits) -> Matrix:
        """Probability that a client has not left."""
        power = (self.r + habits.repeats) * np.log((self.alpha + habits.age) / (self.alpha + habits.span))
        odds = self.a / (self.b + habits.repeats) * np.exp(np.minimum(power, 600.0))
        return 1.0 / (1.0 + odds)

    def buys(self, habits: Habits, horizon_days: float) -> Matrix:
        """Probability of a purchase within the horizon: a client who is alive stays so until then."""
        return self.alive(habits) * (1.0 - self._quiet(habits, horizon_days))

    def expected(self, habits: Habits, horizon_days: float) -> Matrix:
        """Expected purchases within the horizon (equation 10 of the 2005 paper, for the modified model)."""
        shape, scale = self.r + habits.repeats, self.alpha + habits.age
        # The equation divides by a - 1.
        a = self.a if abs(self.a - 1.0) > 1e-4 else 1.0 + 1e-4
        b = self.b + habits.repeats + 1.0
        share = horizon_days / (scale + horizon_days)
        # Beyond the range of floats the bounds below take over.
        with np.errstate(over="ignore", invalid="ignore"):
            sums = hyp2f1(shape, b, a + b - 1.0, share)
            many = (a + b - 1.0) / (a - 1.0) * (1.0 - self._quiet(habits, horizon_days) * sums)
        # Between one purchase at most and a rate that never ends, whatever rounding did to the series.
        least, most = 1.0 - self._quiet(habits, horizon_days), shape * horizon_days / scale
        many = np.where(np.isfinite(many), many, (least + most) / 2)
        clipped: Matrix = self.alive(habits) * np.clip(many, least, most)
        return clipped

    def _quiet(self, habits: Habits, horizon_days: float) -> Matrix:
        scale = self.alpha + habits.age
        quiet: Matrix = (scale / (scale + horizon_days)) ** (self.r + habits.repeats)
        return quiet


def fit_process(habits: Habits, penalty: float = PENALTY) -> PurchaseProcess:
    """The most likely parameters under a weak prior. Times are counted in mean ages while fitting."""
    unit = max(float(habits.age.mean()), 1.0)
    stacked = np.column_stack([habits.repeats, habits.span / unit, habits.age / unit])
    rows, counts = np.unique(stacked, axis=0, return_counts=True)
    weights = counts / counts.sum()

    def loss(logs: Matrix) -> float:
        return float(-weights @ _log_likelihood(np.exp(logs), *rows.T) + penalty * logs @ logs)

    logs = _minimum(loss, np.zeros(4))
    r, alpha, a, b = (float(value) for value in np.exp(logs))
    return PurchaseProcess(r=r, alpha=alpha * unit, a=a, b=b)


def _log_likelihood(parameters: Matrix, repeats: Matrix, span: Matrix, age: Matrix) -> Matrix:
    r, alpha, a, b = parameters
    shape = r + repeats
    common = gammaln(shape) - gammaln(r) + r * np.log(alpha) - betaln(a, b)
    stays = betaln(a, b + repeats + 1) - shape * np.log(alpha + age)
    left = betaln(a + 1, b + repeats) - shape * np.log(alpha + span)
    both: Matrix = common + np.logaddexp(stays, left)
    return both


@dataclass(frozen=True, kw_only=True)
class Spending:
    """Amounts of a purchase day are gamma with shape `p`; their rates between clients too (`q`, `v`)."""

    p: float
    q: float
    v: float

    def expected(self, days: Matrix, mean: Matrix) -> Matrix:
        """Expected amount of the next purchase day after `days` of them with this `mean`."""
        amounts: Matrix = self.p * (self.v + days * mean) / (self.p * days + self.q - 1.0)
        return amounts


def fit_spending(days: Matrix, mean: Matrix, penalty: float = PENALTY) -> Spending:
    """The most likely parameters under a weak prior, amounts counted in their mean; all above zero."""
    unit = float(mean.mean())
    amount = mean / unit

    def loss(logs: Matrix) -> float:
        p, q, v = np.exp(logs)
        shape = p * days
        likelihood = (
            gammaln(shape + q) - gammaln(shape) - gammaln(q) + q * np.log(v)
            + (shape - 1.0) * np.log(amount) + shape * np.log(days) - (shape + q) * np.log(days * amount + v)
        )  # fmt: skip
        return float(-likelihood.mean() + penalty * logs @ logs)

    # With q above 1 the expected amount is finite.
    bounds = [(-_BOUND, _BOUND), (0.05, _BOUND), (-_BOUND, _BOUND)]
    p, q, v = np.exp(_minimum(loss, np.array([0.5, 1.0, 0.5]), bounds))
    return Spending(p=float(p), q=float(q), v=float(v) * unit)


def _minimum(
    loss: Callable[[Matrix], float], start: Matrix, bounds: list[tuple[float, float]] | None = None
) -> Matrix:
    found: Matrix = minimize(
        loss, start, method="L-BFGS-B", bounds=bounds or [(-_BOUND, _BOUND)] * len(start)
    ).x
    return found

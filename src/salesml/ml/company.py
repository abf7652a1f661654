"""Next month's sales of the whole company: what clients' forecasts add up to, and who is not yet a client.

Bottom-up: the forecasts of stored clients are added, never rescaled. Sales of clients who are not known
yet and of guests are forecast from their own past, in periods of the horizon that end at the as-of date.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

from salesml.core.forecasts import within
from salesml.core.intervals import COVERAGE

MIN_ERRORS = 2
PERIODS_OF_A_YEAR = 12
"""Twelve periods of 30 days before the coming one began a year ago, less five days."""
_HALF_LIFE = 2.0
_RECENT = 6
_MOST_SEASON = 3.0
_TRIALS = 12


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """The forecast of a series for its next period in minor units, and the `method` that made it; `errors`
    are those of the method at past periods, actual minus forecast, the newest first."""

    forecast: int
    method: str
    errors: tuple[int, ...]


def outlook(past: Sequence[int]) -> Outlook:
    """Forecast the next period of a series of sums in minor units, the newest first; never below 0.

    The method is the one that was off least at the past periods, each forecast from older ones only.
    """
    trials = {name: _trials(past, method) for name, method in METHODS.items()}
    best = min(METHODS, key=lambda name: _mean_error(trials[name]))
    value = METHODS[best](np.array(past, dtype=np.float64)) if past else 0.0
    return Outlook(forecast=max(0, round(value)), method=best, errors=tuple(trials[best]))


def bounds(total: int, errors: Sequence[float]) -> tuple[int, int] | None:
    """The 80 % interval of a total in minor units from the log-ratios actual / forecast of past totals.

    None with fewer than MIN_ERRORS.
    """
    found = reach(errors)
    return None if found is None else within(total, found)


def reach(errors: Sequence[float]) -> float | None:
    """How far on either side the interval goes, as a log-ratio; None with fewer than MIN_ERRORS errors.

    Few errors give a wide interval: their root mean square is scaled by Student's t with as many degrees
    of freedom.
    """
    if len(errors) < MIN_ERRORS:
        return None
    spread = float(np.sqrt(np.mean(np.square(errors))))
    return float(student.ppf((1 + COVERAGE) / 2, len(errors))) * spread


def log_ratios(actual: Sequence[int], forecast: Sequence[int]) -> list[float]:
    """How far past totals were off, for `bounds`; periods in which either is not above 0 say nothing."""
    pairs = zip(actual, forecast, strict=True)
    return [float(np.log(happened / told)) for happened, told in pairs if happened > 0 and told > 0]


def level(past: np.ndarray) -> float:
    """The mean of the newest periods, each counting half as much as the one two periods after it."""
    recent = past[:_RECENT]
    weights = 0.5 ** (np.arange(len(recent)) / _HALF_LIFE)
    return float(recent @ weights / weights.sum()) if len(recent) else 0.0


def last(past: np.ndarray) -> float:
    """What the newest period brought."""
    return float(past[0]) if len(past) else 0.0


def seasonal(past: np.ndarray) -> float:
    """The level, moved as the same period of last year moved away from the level of its time.

    Without a year and a level before it, the plain level.
    """
    now = level(past)
    if len(past) <= PERIODS_OF_A_YEAR:
        return now
    then = level(past[PERIODS_OF_A_YEAR:])
    if then <= 0:
        return now
    moved = float(past[PERIODS_OF_A_YEAR - 1]) / then
    return now * float(np.clip(moved, 1 / _MOST_SEASON, _MOST_SEASON))


METHODS: Mapping[str, Callable[[np.ndarray], float]] = {"level": level, "last": last, "seasonal": seasonal}
"""Of equally good methods the first is taken."""


def _trials(past: Sequence[int], method: Callable[[np.ndarray], float]) -> list[int]:
    """Errors at the newest periods, each forecast from at least one older one."""
    series = np.array(past, dtype=np.float64)
    count = min(_TRIALS, len(past) - 1)
    return [round(past[place] - max(0.0, method(series[place + 1 :]))) for place in range(max(count, 0))]


def _mean_error(errors: Sequence[int]) -> float:
    return float(np.mean(np.abs(errors))) if errors else 0.0

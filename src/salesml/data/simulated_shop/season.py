"""When people buy: the year with its December, and the week."""

import numpy as np

_WEEK = np.array([1.08, 1.00, 1.00, 0.95, 0.88, 0.92, 1.17])
"""Monday to Sunday, mean 1."""
_THURSDAY = 3
_PEAK_DAY = 343
"""10 December, counted from 1 January = 0."""
_PEAK_DAYS = 13.0


def weights(first_day: int, days: int, december: np.ndarray) -> np.ndarray:
    """How much likelier than usual a wish to buy is, shape (len(december), days).

    `december` is the height of the peak over the usual level, one for each row.
    """
    date = _dates(first_day, days)
    day_of_year = (date - date.astype("datetime64[Y]")).astype(np.int64)
    away = np.abs(day_of_year - _PEAK_DAY)
    peak = np.exp(-0.5 * (np.minimum(away, 365 - away) / _PEAK_DAYS) ** 2)
    year = 1 + (december[:, None] - 1) * peak[None, :] + 0.06 * np.cos(2 * np.pi * (day_of_year - 120) / 365)
    return np.asarray(year * _WEEK[_weekdays(first_day, days)])


def newsletter_days(first_day: int, days: int) -> np.ndarray:
    """Days, counted from the first, on which the weekly newsletter goes out."""
    return np.flatnonzero(_weekdays(first_day, days) == _THURSDAY)


def _dates(first_day: int, days: int) -> np.ndarray:
    return np.arange(first_day, first_day + days).astype("datetime64[D]")


def _weekdays(first_day: int, days: int) -> np.ndarray:
    """0 is Monday; 1970-01-01 was a Thursday."""
    return (np.arange(first_day, first_day + days) + _THURSDAY) % 7

"""Bounds of one forecast against those of many at once."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.unit.ml.test_intervals import fitted

from salesml.core.inputs import MAX_AMOUNT, MAX_COUNT, MAX_DAYS, MAX_MONTHS
from salesml.ml.intervals import FEATURES, Intervals
from salesml.services.bounds import bounds_of_one

LAST_BIT = 1e-13
"""Of a forecast of thousands of millions: there floats have no whole minor units any more."""
Row = tuple[float, float | None, float, int]
ROWS = st.tuples(
    st.floats(0, MAX_AMOUNT * 100),
    st.none() | st.floats(0, MAX_DAYS),
    st.floats(0, MAX_MONTHS),
    st.integers(0, MAX_COUNT),
)
learned = cache(fitted)


def many(intervals: Intervals, predicted: int, row: Row) -> tuple[int, int]:
    columns = {name: np.array([value], dtype=np.float64) for name, value in zip(FEATURES, row, strict=True)}
    lower, upper = intervals.bounds_of(np.array([float(predicted)]), columns)
    return int(lower[0]), int(upper[0])


@given(predicted=st.integers(0, 10**14) | st.integers(0, 10**6), row=ROWS)
@example(predicted=0, row=(0.0, None, 0.0, 0))
@example(predicted=12_000, row=(15_000.0, 20.0, 12.0, 1))
def test_one_forecast_has_the_bounds_that_it_has_among_many(predicted: int, row: Row) -> None:
    one = bounds_of_one(learned())(predicted, dict(zip(FEATURES, row, strict=True)))
    for ours, theirs in zip(one, many(learned(), predicted, row), strict=True):
        assert abs(ours - theirs) <= LAST_BIT * theirs


@pytest.mark.parametrize("predicted", [0, 1, 500, 501, 7_000, 90_000])
def test_the_level_of_its_group_of_forecasts_counts(predicted: int) -> None:
    grouped = replace(learned(), edges=(500.0, 7_000.0), levels=(0.9, 0.95, 0.99))
    row: Row = (20_000.0, 3.0, 30.0, 4)
    one = bounds_of_one(grouped)(predicted, dict(zip(FEATURES, row, strict=True)))
    assert one == many(grouped, predicted, row)
    assert 0 <= one[0] <= one[1]

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesml.ml.company import bounds, level, log_ratios, outlook, seasonal

series = st.lists(st.integers(-10_000, 10_000_000), max_size=30)


def test_without_a_past_nothing_is_forecast() -> None:
    found = outlook([])
    assert (found.forecast, found.errors) == (0, ())


def test_one_period_is_repeated() -> None:
    assert outlook([500]).forecast == 500


def test_a_steady_series_goes_on() -> None:
    found = outlook([1_000] * 8)
    assert (found.forecast, found.method, found.errors) == (1_000, "level", (0,) * 7)


def test_newer_periods_count_more() -> None:
    assert level(np.array([400.0, 400.0, 0.0, 0.0])) == pytest.approx(400 * 2 / 3)


def test_a_series_that_grows_by_steps_is_repeated_rather_than_averaged() -> None:
    assert outlook([1_280, 640, 320, 160, 80, 40, 20]).method == "last"


def test_a_december_is_expected_where_the_last_year_had_one() -> None:
    # Thirty periods, the newest first; every twelfth is five times the others, and the next one is due.
    past = [100 if (number + 1) % 12 else 500 for number in range(30)]
    found = outlook(past)
    assert found.method == "seasonal"
    assert found.forecast > 250


def test_without_a_year_the_season_is_unknown() -> None:
    past = np.array([100.0] * 12)
    assert seasonal(past) == level(past)


def test_a_season_moves_a_level_threefold_at_most() -> None:
    past = np.array([100.0] * 11 + [9_000.0] + [100.0] * 6)
    assert seasonal(past) == pytest.approx(3 * level(past))


@given(series)
def test_a_forecast_is_never_negative_and_the_same_past_gives_the_same(past: list[int]) -> None:
    found = outlook(past)
    assert found.forecast >= 0
    assert found == outlook(past)
    assert len(found.errors) == max(0, min(12, len(past) - 1))


def test_an_error_is_what_an_older_view_missed() -> None:
    assert outlook([700, 500]).errors == (200,)


def test_the_interval_of_a_total_by_hand() -> None:
    found = bounds(1_000_000, [0.1, -0.1, 0.1])
    assert found is not None
    # Student's t with three degrees of freedom leaves a tenth above 1.6377.
    assert found[1] == pytest.approx(1_000_000 * math.exp(0.16377), rel=1e-4)
    assert found[0] == pytest.approx(1_000_000 * math.exp(-0.16377), rel=1e-4)


def test_fewer_errors_give_a_wider_interval_and_one_gives_none() -> None:
    two, six = bounds(1_000_000, [0.1, -0.1]), bounds(1_000_000, [0.1, -0.1] * 3)
    assert two is not None
    assert six is not None
    assert two[1] - two[0] > six[1] - six[0]
    assert bounds(1_000_000, [0.1]) is None


def test_periods_without_sales_say_nothing_of_the_error() -> None:
    assert log_ratios([200, 0, 100], [100, 50, 0]) == [pytest.approx(math.log(2))]

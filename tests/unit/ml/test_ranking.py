import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesml.ml.ranking import expected_calibration_error, lift, normalised_gini, top_share

sales = st.lists(st.integers(0, 50), min_size=3, max_size=40).filter(lambda each: len(set(each)) > 1)


def _array(values: list[float] | list[int]) -> np.ndarray:
    return np.array(values, dtype=np.float64)


def test_the_perfect_order_has_a_gini_of_one_the_reverse_of_minus_one() -> None:
    actual = _array([0, 0, 10, 90])
    assert normalised_gini(actual, actual * 3) == pytest.approx(1)
    assert normalised_gini(actual, -actual) == pytest.approx(-1)


def test_a_gini_by_hand() -> None:
    # Shares found by rank 4/4, 4/4 against the perfect 4/4, 4/4; one swap of the two buyers' places.
    actual, predicted = _array([3, 1, 0, 0]), _array([2, 3, 1, 0])
    found, perfect = (0.25 + 1 + 1 + 1) / 4 - 5 / 8, (0.75 + 1 + 1 + 1) / 4 - 5 / 8
    assert normalised_gini(actual, predicted) == pytest.approx(found / perfect)


@given(sales, st.integers(0, 2**32 - 1))
def test_the_order_of_clients_with_equal_forecasts_does_not_matter(actual: list[int], seed: int) -> None:
    values = _array(actual)
    predicted = np.round(values / 20)
    order = np.random.default_rng(seed).permutation(len(values))
    assert normalised_gini(values, predicted) == pytest.approx(
        normalised_gini(values[order], predicted[order])
    )
    assert top_share(values, predicted) == pytest.approx(top_share(values[order], predicted[order]))


def test_one_forecast_for_everyone_finds_nothing() -> None:
    actual = _array([1, 2, 3, 4, 0, 0, 0, 0, 0, 0])
    assert normalised_gini(actual, np.ones(10)) == pytest.approx(0)
    assert top_share(actual, np.ones(10)) == pytest.approx(0.1)


def test_the_top_tenth_takes_a_client_at_least() -> None:
    assert top_share(_array([6, 3, 1]), _array([9, 5, 1])) == pytest.approx(0.6)


def test_lift_counts_buyers_among_the_most_probable() -> None:
    bought = _array([1, 1, *[0] * 17, 1])
    probability = np.linspace(0.9, 0.1, 20)
    assert lift(bought, probability) == pytest.approx(1.0 / 0.15)


def test_probabilities_that_come_true_have_no_calibration_error() -> None:
    bought, probability = _array([0, 1] * 30), np.full(60, 0.5)
    assert expected_calibration_error(bought, probability, bins=15) == pytest.approx(0)
    assert expected_calibration_error(bought, probability + 0.2, bins=15) == pytest.approx(0.2)


def test_a_calibration_error_by_hand() -> None:
    bought, probability = _array([0, 0, 1, 1]), _array([0.1, 0.3, 0.6, 0.9])
    assert expected_calibration_error(bought, probability, bins=2) == pytest.approx((0.2 + 0.25) / 2)

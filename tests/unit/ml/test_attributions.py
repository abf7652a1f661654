"""Contributions add up, whatever they are passed through."""

import numpy as np
import pytest
from scipy.special import expit

from salesml.ml.attributions import product, shapley, through, weighted

PARTS = np.array([[0.5, -2.0, 0.1], [0.0, 0.0, 0.0], [3.0, -3.0, 1e-12], [-1.0, 0.25, 4.0]])


def test_a_growing_function_of_a_score_is_shared_in_proportion_to_its_parts() -> None:
    base, parts = through((1.0, PARTS), np.exp)
    assert base == pytest.approx(np.e)
    assert base + parts.sum(axis=1) == pytest.approx(np.exp(1 + PARTS.sum(axis=1)), rel=1e-12)
    assert parts[0, 1] / parts[0, 0] == pytest.approx(-4)


def test_parts_that_cancel_out_stay_of_their_size() -> None:
    _, parts = through((0.0, PARTS), np.exp)
    assert parts[2, 0] == pytest.approx(3.0, rel=1e-4)
    assert parts[1].tolist() == [0, 0, 0]


def test_a_product_is_shared_between_its_factors() -> None:
    first, second = through((0.2, PARTS), expit), through((2.0, PARTS[:, ::-1]), np.exp)
    base, parts = product(first, second)
    expected = expit(0.2 + PARTS.sum(axis=1)) * np.exp(2 + PARTS.sum(axis=1))
    assert base + parts.sum(axis=1) == pytest.approx(expected, rel=1e-12)


def test_a_factor_that_does_not_move_gets_nothing() -> None:
    still = (3.0, np.zeros((4, 3)))
    base, parts = product(still, (2.0, PARTS))
    assert (base, parts.tolist()) == (6.0, (3 * PARTS).tolist())


def test_a_weighted_sum_of_splits_is_the_split_of_the_sum() -> None:
    base, parts = weighted([(1.0, PARTS), (2.0, -PARTS)], [0.75, 0.25], intercept=5.0)
    assert base == 6.25
    assert parts == pytest.approx(PARTS / 2)


def test_shapley_values_of_a_product_are_known() -> None:
    inputs = np.array([[2.0, 3.0], [1.0, 1.0], [0.0, 5.0]])
    base, parts = shapley(lambda rows: rows[:, 0] * rows[:, 1], inputs, np.array([1.0, 1.0]))
    assert base == 1
    assert parts == pytest.approx(np.array([[2.0, 3.0], [0.0, 0.0], [-3.0, 2.0]]))


def test_shapley_values_add_up_for_four_inputs() -> None:
    rng = np.random.default_rng(1)
    inputs = rng.random((20, 4))

    def value(rows: np.ndarray) -> np.ndarray:
        answer: np.ndarray = np.exp(rows[:, 0] * rows[:, 1]) / (1 + rows[:, 2]) ** rows[:, 3]
        return answer

    base, parts = shapley(value, inputs, inputs.mean(axis=0))
    assert base + parts.sum(axis=1) == pytest.approx(value(inputs), rel=1e-12)

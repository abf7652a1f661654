"""Weights come from older windows only, little data changes them little, contributions add up."""

from typing import Any, Self

import numpy as np
import pytest
from scipy.special import expit
from sklearn.base import BaseEstimator

from salesml.ml.attributions import Split
from salesml.ml.blending import PurchaseBlend, SalesBlend, best_weights


class Column(BaseEstimator):  # type: ignore[misc]
    """Forecasts one of its inputs; remembers what it was fitted on."""

    def __init__(self, column: int = 0) -> None:
        self.column = column

    def fit(self, X: np.ndarray, y: np.ndarray) -> Self:  # noqa: N803, ARG002
        self.rows_ = len(X)
        SEEN.append(float(X[:, 2].max()))
        return self

    def predict(self, X: np.ndarray) -> np.ndarray:  # noqa: N803
        answer: np.ndarray = X[:, self.column]
        return answer

    decision_function = predict

    def explain(self, X: np.ndarray) -> Split:  # noqa: N803
        parts = np.zeros(X.shape)
        parts[:, self.column] = X[:, self.column] - 1.0
        return 1.0, parts


SEEN: list[float] = []
MEMBERS = [("good", Column(0)), ("bad", Column(1))]


@pytest.fixture
def rows() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Six dates, 30 days apart, of 300 clients; the first column is nearly the label, the third the date."""
    rng = np.random.default_rng(1)
    days = np.repeat(np.arange(6) * 30, 300)
    label = np.where(rng.random(1_800) < 0.5, rng.lognormal(5, 1, 1_800), 0.0)
    good, bad = label * rng.lognormal(0, 0.2, 1_800), rng.lognormal(5, 1, 1_800)
    return np.column_stack([good, bad, days]), label, days


def test_the_better_member_gets_the_weight(rows: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    matrix, label, days = rows
    blend = SalesBlend(MEMBERS).fit(matrix, label, days=days)
    assert blend.learned_
    assert blend.weights_["good"] > 0.9
    assert sum(blend.weights_.values()) == pytest.approx(1)


def test_members_are_judged_on_dates_that_they_did_not_see_and_then_learn_from_all(
    rows: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    matrix, label, days = rows
    SEEN.clear()
    blend = SalesBlend(MEMBERS).fit(matrix, label, days=days)
    # Of the dates 0 to 150, those from 90 on judge; a label of date 60 ends on day 90.
    assert [60.0, 60.0] + [150.0] * len(blend.members_) == SEEN


@pytest.mark.parametrize("dates", [1, 2])
def test_with_few_dates_or_buyers_the_weights_are_equal(
    rows: tuple[np.ndarray, np.ndarray, np.ndarray], dates: int
) -> None:
    matrix, label, days = rows
    few = label * (np.arange(1_800) % 100 == 0)
    kept = days < 30 * dates
    for sales in (label if dates == 1 else few, few):
        blend = SalesBlend(MEMBERS).fit(matrix[kept], sales[kept], days=days[kept])
        assert not blend.learned_
        assert blend.weights_ == {"good": 0.5, "bad": 0.5}
    assert SalesBlend(MEMBERS).fit(matrix, label).weights_ == {"good": 0.5, "bad": 0.5}


def test_members_without_enough_to_learn_from_are_left_out(
    rows: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    matrix, label, _ = rows
    assert SalesBlend(MEMBERS, needs={"bad": 5_000}).fit(matrix, label).weights_ == {"good": 1.0}
    hungry = {"bad": 5_000, "good": 5_000}
    assert list(SalesBlend(MEMBERS, needs=hungry).fit(matrix, label).weights_) == ["good"]


def test_contributions_add_up(rows: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    matrix, label, days = rows
    sales = SalesBlend(MEMBERS, prior={"good": 3.0, "bad": 1.0}).fit(matrix, label)
    assert sales.weights_ == {"good": 0.75, "bad": 0.25}
    base, parts = sales.explain(matrix)
    assert base + parts.sum(axis=1) == pytest.approx(sales.predict(matrix), rel=1e-9)
    purchase = PurchaseBlend(MEMBERS).fit(matrix / 1e3, label > 0, days=days)
    base, parts = purchase.explain(matrix / 1e3)
    probability = purchase.predict_proba(matrix / 1e3)[:, 1]
    assert expit(base + parts.sum(axis=1)) == pytest.approx(probability, rel=1e-9)


@pytest.mark.parametrize(("gain", "moved"), [(0.0, 0.5), (0.08, 0.6), (10.0, 1.0)])
def test_weights_move_as_far_as_it_pays(gain: float, moved: float) -> None:
    def loss(weights: np.ndarray) -> float:
        return 1.0 - gain * float(weights[0])

    weights: Any = best_weights(loss, np.array([0.5, 0.5]))
    assert weights[0] == pytest.approx(moved, abs=0.01)

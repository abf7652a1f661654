"""The blends on tiny and odd data: fewer members, no explosion, contributions that add up."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from salesml.core.models import Target
from salesml.ml.blending import SalesBlend
from salesml.ml.estimators import find_estimator
from salesml.ml.features.definitions import ALL_FEATURES, DEFINED
from salesml.ml.recipes import PURCHASE_PRIOR, SALES_PRIOR

pytestmark = pytest.mark.slow

ORDER_FEATURES = tuple(name for name in ALL_FEATURES if DEFINED[name].metric is None)


def _shop(count: int, dates: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features that only roughly belong together, sales of a fifth of the clients, and as-of days."""
    rng = np.random.default_rng(seed)
    matrix = rng.lognormal(2, 1, (count * dates, len(ORDER_FEATURES))).round()
    place = ORDER_FEATURES.index
    first = matrix[:, place("days_since_first_purchase")]
    matrix[:, place("days_since_last_purchase")] = np.minimum(
        matrix[:, place("days_since_last_purchase")], first
    )
    sales = np.where(rng.random(len(matrix)) < 0.2, rng.lognormal(8, 1, len(matrix)).round(), 0.0)
    return matrix, sales, np.repeat(np.arange(dates) * 30, count)


def _equal(matrix: np.ndarray, sales: np.ndarray) -> None:
    sales[sales > 0] = 9_900.0


def _one_huge(matrix: np.ndarray, sales: np.ndarray) -> None:
    sales[sales.argmax()] = 1e13


def _constant(matrix: np.ndarray, sales: np.ndarray) -> None:
    matrix[:] = 3.0


def _never_bought(matrix: np.ndarray, sales: np.ndarray) -> None:
    for name in ORDER_FEATURES:
        matrix[:, ORDER_FEATURES.index(name)] = np.nan if DEFINED[name].nullable else 0.0


def _all_bought(matrix: np.ndarray, sales: np.ndarray) -> None:
    sales += 500.0


@pytest.mark.parametrize("change", [_equal, _one_huge, _constant, _never_bought, _all_bought])
@pytest.mark.parametrize(("count", "dates"), [(60, 1), (60, 6), (700, 4)])
@pytest.mark.parametrize("target", list(Target))
def test_odd_data_gives_sober_forecasts(target: Target, count: int, dates: int, change: Any) -> None:
    matrix, sales, days = _shop(count, dates)
    change(matrix, sales)
    label = sales if target is Target.SALES else (sales > 0).astype(float)
    model = find_estimator("blend", target).build(ORDER_FEATURES).fit(matrix, label, days=days)
    score = model.predict(matrix) if target is Target.SALES else model.decision_function(matrix)
    base, parts = model.explain(matrix)
    assert base + parts.sum(axis=1) == pytest.approx(score, rel=1e-9, abs=1e-9)
    if target is Target.SALES:
        assert (score >= 0).all()
        assert score.max() <= 4 * sales.max()
    else:
        assert np.abs(score).max() < 20


def test_few_buyers_feed_fewer_members() -> None:
    matrix, sales, days = _shop(60, 1)
    few = find_estimator("blend", Target.SALES).build(ORDER_FEATURES).fit(matrix, sales, days=days)
    assert set(few.weights_) == {"tweedie", "two_stage", "bgnbd"}
    matrix, sales, days = _shop(700, 4)
    many = find_estimator("blend", Target.SALES).build(ORDER_FEATURES)
    assert isinstance(many, SalesBlend)
    assert "boosting" in dict(many._fed(int((sales > 0).sum())))


@pytest.mark.parametrize("prior", [SALES_PRIOR, PURCHASE_PRIOR])
def test_prior_weights_add_up(prior: Mapping[str, float]) -> None:
    assert sum(prior.values()) == pytest.approx(1)


def test_two_fits_of_the_same_data_say_the_same_to_the_last_bit() -> None:
    matrix, sales, days = _shop(400, 4)
    build = find_estimator("blend", Target.SALES).build
    first, second = (build(ORDER_FEATURES).fit(matrix, sales, days=days) for _ in range(2))
    assert first.weights_ == second.weights_
    assert first.predict(matrix).tobytes() == second.predict(matrix).tobytes()

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.base import RegressorMixin
from sklearn.utils.estimator_checks import parametrize_with_checks

from salesml.ml.loglinear import LIMIT, LogInputs
from salesml.ml.penalised import PenalisedLogistic
from salesml.ml.twostage import TweedieSales, TwoStageSales

SALES = {"check_regressors_train": "it wants labels below 0 learned, which are no sales"}


@parametrize_with_checks(  # type: ignore[untyped-decorator]
    [LogInputs(), PenalisedLogistic(), TwoStageSales(), TweedieSales()],
    expected_failed_checks=lambda each: SALES if isinstance(each, RegressorMixin) else {},
)
def test_they_keep_the_rules_of_scikit_learn(estimator: Any, check: Any) -> None:
    check(estimator)


def test_what_has_not_happened_is_awaited_for_the_whole_tenure() -> None:
    matrix = np.array([[np.nan, 2.0, np.nan], [60.875, 2.0, 0.0], [3.0, 1.0, 0.0]])
    inputs = LogInputs(tenure=1, waiting=(0,)).fit_transform(matrix)
    assert inputs[0].tolist() == inputs[1].tolist()
    assert np.isnan(matrix[0, 0])


def test_a_constant_column_says_nothing_and_an_outlier_no_more_than_the_limit() -> None:
    matrix = np.column_stack([np.full(400, 0.1), np.arange(400.0)])
    scaler = LogInputs().fit(matrix)
    far = scaler.transform(np.array([[0.1, 1e15], [5.0, 0.0]]))
    assert far[0].tolist() == pytest.approx([0.0, LIMIT])
    assert np.isfinite(far).all()


@pytest.mark.parametrize("make", [TwoStageSales, TweedieSales])
def test_contributions_add_up_to_the_forecast(make: Callable[[], Any]) -> None:
    rng = np.random.default_rng(4)
    matrix = rng.normal(size=(2_000, 5))
    sales = np.where(rng.random(2_000) < 0.2, np.exp(6 + matrix[:, 0] + 0.5 * rng.normal(size=2_000)), 0.0)
    model = make().fit(matrix, sales)
    base, parts = model.explain(matrix)
    assert base + parts.sum(axis=1) == pytest.approx(model.predict(matrix), rel=1e-9)
    assert model.predict(matrix).mean() == pytest.approx(sales.mean(), rel=0.15)
    assert np.abs(parts).mean(axis=0).argmax() == 0


@pytest.mark.parametrize("make", [TwoStageSales, TweedieSales])
@pytest.mark.parametrize("value", [0.0, 700.0])
def test_equal_labels_are_forecast_as_they_are(make: Callable[[], Any], value: float) -> None:
    matrix = np.random.default_rng(0).normal(size=(60, 3))
    model = make().fit(matrix, np.full(60, value))
    assert model.predict(matrix) == pytest.approx(np.full(60, value), rel=1e-3)


@pytest.mark.parametrize("make", [TwoStageSales, TweedieSales])
def test_one_huge_client_sends_the_forecasts_nowhere(make: Callable[[], Any]) -> None:
    rng = np.random.default_rng(4)
    matrix = rng.normal(size=(500, 3))
    sales = np.where(rng.random(500) < 0.3, np.exp(6 + matrix[:, 0]), 0.0)
    sales[7] = 1e12
    far = make().fit(matrix, sales).predict(np.full((1, 3), LIMIT))
    assert 0 <= far[0] <= 2e12


def test_where_all_bought_the_odds_are_high_and_finite() -> None:
    model = PenalisedLogistic().fit(np.zeros((98, 1)), np.ones(98))
    assert model.predict_proba(np.zeros((1, 1)))[0, 1] == pytest.approx(0.99)
    none = PenalisedLogistic().fit(np.zeros((98, 1)), np.zeros(98))
    assert none.predict_proba(np.zeros((1, 1)))[0, 1] == pytest.approx(0.01)

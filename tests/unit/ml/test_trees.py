from typing import Any

import numpy as np
import pytest
from scipy.special import expit
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.utils.estimator_checks import parametrize_with_checks

from salesml.ml.trees import PurchaseTrees, SalesTrees, attribute


@parametrize_with_checks([PurchaseTrees(trees=10, min_samples_leaf=5)])  # type: ignore[untyped-decorator]
def test_purchase_trees_keep_the_rules_of_scikit_learn(estimator: Any, check: Any) -> None:
    check(estimator)


@parametrize_with_checks(  # type: ignore[untyped-decorator]
    [SalesTrees(trees=10)],
    expected_failed_checks=lambda _: {"check_regressors_train": "labels below 0 are no sales"},
)
def test_sales_trees_keep_the_rules_of_scikit_learn(estimator: Any, check: Any) -> None:
    check(estimator)


@pytest.fixture(scope="module")
def rows() -> tuple[np.ndarray, np.ndarray]:
    """Clients with gaps in their features, and sales of which most are 0."""
    rng = np.random.default_rng(3)
    matrix = rng.lognormal(1, 1, (3_000, 6))
    matrix[rng.random(matrix.shape) < 0.1] = np.nan
    rate = np.nan_to_num(matrix[:, 0]) / 20
    sales = np.where(rng.random(3_000) < rate, rng.lognormal(8, 1.2, 3_000), 0.0)
    return matrix, np.rint(sales)


@pytest.mark.parametrize("loss", ["squared_error", "poisson"])
def test_path_contributions_add_up_to_the_raw_score(rows: tuple[np.ndarray, np.ndarray], loss: str) -> None:
    matrix, sales = rows
    model = HistGradientBoostingRegressor(loss=loss, max_iter=30, random_state=0).fit(matrix, sales / 1e3)
    base, parts = attribute(model, matrix)
    assert base + parts.sum(axis=1) == pytest.approx(model._raw_predict(matrix)[:, 0], rel=1e-9, abs=1e-12)


def test_the_base_is_the_mean_raw_score_of_the_training_clients(rows: tuple[np.ndarray, np.ndarray]) -> None:
    matrix, sales = rows
    model = HistGradientBoostingClassifier(max_iter=30, random_state=0).fit(matrix, sales > 0)
    base, parts = attribute(model, matrix)
    assert base == pytest.approx(model.decision_function(matrix).mean(), rel=1e-6)
    assert np.abs(parts[:, 0]).mean() > 5 * np.abs(parts[:, 5]).mean()


def test_contributions_of_sales_add_up_to_the_forecast(rows: tuple[np.ndarray, np.ndarray]) -> None:
    matrix, sales = rows
    model = SalesTrees(trees=40).fit(matrix, sales)
    base, parts = model.explain(matrix)
    assert base + parts.sum(axis=1) == pytest.approx(model.predict(matrix), rel=1e-9)
    assert model.predict(matrix).mean() == pytest.approx(sales.mean(), rel=0.2)


def test_contributions_of_a_purchase_add_up_to_its_log_odds(rows: tuple[np.ndarray, np.ndarray]) -> None:
    matrix, sales = rows
    model = PurchaseTrees(trees=40).fit(matrix, sales > 0)
    base, parts = model.explain(matrix)
    assert expit(base + parts.sum(axis=1)) == pytest.approx(model.predict_proba(matrix)[:, 1], rel=1e-9)


def test_one_huge_client_sends_the_forecasts_nowhere(rows: tuple[np.ndarray, np.ndarray]) -> None:
    matrix, sales = rows
    huge = sales.copy()
    huge[np.argmax(sales)] = 1e12
    plain, moved = (SalesTrees().fit(matrix, label).predict(matrix) for label in (sales, huge))
    assert moved.max() <= 10 * plain.max()


def test_where_nobody_bought_nobody_is_forecast_to() -> None:
    model = SalesTrees().fit(np.ones((30, 2)), np.zeros(30))
    assert model.predict(np.ones((4, 2))).tolist() == [0.0] * 4
    assert model.explain(np.ones((4, 2)))[1].shape == (4, 2)

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestRegressor

from salesml.core.errors import InvalidValue
from salesml.core.models import Folded, Target
from salesml.ml.estimators import KERNEL_ESTIMATOR, find_estimator, inputs_of
from salesml.ml.folding import evaluate_folded, fold, leave_out

FEATURES = ("purchases_30d", "average_basket_value", "days_since_last_purchase")
SALES = Folded(features=("a",), coefficients=(2.0,), intercept=-1.0, logistic=False)
PURCHASE = Folded(features=("a",), coefficients=(1.0,), intercept=0.0, logistic=True)


def _rows(seed: int, features: tuple[str, ...]) -> NDArray[np.float64]:
    rng = np.random.default_rng(seed)
    scales = np.array([1, 10_000, 100, 10][: len(inputs_of(features))])
    rows: NDArray[np.float64] = rng.gamma(1.0, 1.0, (60, len(scales))) * scales
    rows[rng.random(60) < 0.2, features.index("days_since_last_purchase")] = np.nan
    return rows


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    target=st.sampled_from(Target),
    features=st.sampled_from([FEATURES, (*FEATURES, "tenure_months")]),
)
def test_folded_coefficients_answer_like_their_pipeline(
    seed: int, target: Target, features: tuple[str, ...]
) -> None:
    rows = _rows(seed, features)
    label = rows[:, 1] / 10 + rows[:, 0] if target is Target.SALES else (rows[:, 0] > 0.7).astype(float)
    pipeline = find_estimator(KERNEL_ESTIMATOR[target], target).build(features).fit(rows, label)
    folded = fold(pipeline, features, rows)
    assert folded is not None
    expected = (
        np.maximum(pipeline.predict(rows), 0.0)
        if target is Target.SALES
        else pipeline.predict_proba(rows)[:, 1]
    )
    answers = [
        evaluate_folded(
            folded,
            {
                name: None if math.isnan(value) else value
                for name, value in zip(inputs_of(features), row, strict=True)
            },
        )
        for row in rows.tolist()
    ]
    assert answers == pytest.approx(expected.tolist(), rel=1e-9, abs=1e-9)


def test_a_pipeline_that_disagrees_is_not_folded() -> None:
    rows = _rows(1, FEATURES)
    pipeline = find_estimator("linear", Target.SALES).build(FEATURES).fit(rows, rows[:, 1])
    pipeline.named_steps["scale"].with_mean = False
    with pytest.raises(ArithmeticError, match="folded coefficients differ from their pipeline by up to"):
        fold(pipeline, FEATURES, rows)


def test_an_estimator_without_coefficients_is_not_folded() -> None:
    rows = _rows(1, FEATURES)
    pipeline = find_estimator("linear", Target.SALES).build(FEATURES)
    pipeline.set_params(model=RandomForestRegressor(n_estimators=2, n_jobs=1))
    assert fold(pipeline.fit(rows, rows[:, 1]), FEATURES, rows) is None


def test_sales_are_floored_at_zero() -> None:
    assert evaluate_folded(SALES, {"a": 0.2}) == 0.0
    assert evaluate_folded(SALES, {"a": 2.0}) == 3.0


@pytest.mark.parametrize(
    ("score", "expected"), [(0.0, 0.5), (1e5, 1.0), (-1e5, 0.0), (2.0, 1 / (1 + math.e**-2))]
)
def test_the_logistic_function_is_stable_far_out(score: float, expected: float) -> None:
    assert evaluate_folded(PURCHASE, {"a": score}) == pytest.approx(expected)


def test_a_null_that_nothing_stands_in_for_is_refused() -> None:
    with pytest.raises(InvalidValue, match="a: must not be null"):
        evaluate_folded(SALES, {"a": None})
    imputed = Folded(
        features=("a",), coefficients=(2.0,), intercept=0.0, logistic=False, imputed={"a": ("b", 3.0)}
    )
    assert evaluate_folded(imputed, {"a": None, "b": 5.0}) == 30.0
    with pytest.raises(InvalidValue, match="b: must not be null"):
        evaluate_folded(imputed, {"a": None, "b": None})


def test_a_feature_that_is_left_out_counts_as_its_mean_in_training() -> None:
    rows = _rows(3, FEATURES)
    folded = fold(
        find_estimator("linear", Target.SALES).build(FEATURES).fit(rows, rows[:, 0] * 100 + rows[:, 1]),
        FEATURES,
        rows,
    )
    assert folded is not None
    without = leave_out(folded, {"purchases_30d"})
    assert without.features == FEATURES[1:]
    values = {"average_basket_value": 9_000.0, "days_since_last_purchase": 12.0}
    average = {**values, "purchases_30d": float(rows[:, 0].mean())}
    assert evaluate_folded(without, values) == pytest.approx(evaluate_folded(folded, average))

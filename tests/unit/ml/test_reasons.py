import numpy as np
import pytest

from salesml.core.models import ModelRole, Target
from salesml.core.money import Currency
from salesml.ml import reasons
from salesml.ml.estimators import estimators_for
from salesml.ml.material import Material
from salesml.ml.prediction import predict_purchase, predict_sales
from salesml.ml.reasons import DIGITS, TOP, Reasons, explain, told
from salesml.ml.training import Trained, train

pytestmark = pytest.mark.slow

AS_OF = 20_240
EVERY = [(target, name) for target in Target for name in estimators_for(target)]


def trained(material: Material, target: Target, estimator: str) -> Trained:
    return train(
        material, target, ModelRole.CLIENTS, threshold=0.7, currency=Currency("PLN"), estimator=estimator
    )


@pytest.mark.parametrize(("target", "estimator"), EVERY)
def test_contributions_add_up_to_every_stored_forecast(
    material: Material, target: Target, estimator: str
) -> None:
    found = trained(material, target, estimator)
    table = material.examples.features[AS_OF]
    predict = predict_sales if target is Target.SALES else predict_purchase
    predicted = predict(found.pipeline, found.features, table)
    split = explain(target, found.pipeline, found.features, table)
    whole = split.base + split.parts.sum(axis=1)
    if target is Target.SALES:
        assert np.rint(np.maximum(whole, 0)) == pytest.approx(predicted, abs=1)
    else:
        assert whole == pytest.approx(predicted, rel=1e-7, abs=1e-9)
    stored = list(told(split, predicted))
    sums = [reasons.total(each) for each in stored]
    if target is Target.SALES:
        assert sums == predicted.tolist()
        assert all(isinstance(part, int) for each in stored for _, _, part in each["parts"])
    else:
        assert sums == pytest.approx(np.round(predicted, DIGITS).tolist(), abs=1e-9)
    assert all(len(each["parts"]) <= TOP for each in stored)


def one(parts: list[float], values: list[float], base: float = 100.0) -> Reasons:
    return Reasons(
        target=Target.SALES,
        features=("purchases_30d", "tenure_months", "visits_30d"),
        base=base,
        parts=np.array([parts]),
        values=np.array([values]),
    )


def test_the_largest_contributions_come_first_with_the_values_behind_them() -> None:
    (stored,) = told(one([10.2, -80.4, 30.0], [2.0, 3.14159, np.nan]), np.array([60]))
    assert stored == {
        "base": 100,
        "parts": [["tenure_months", 3.14, -80], ["visits_30d", None, 30], ["purchases_30d", 2, 10]],
        "others": 0,
    }


def test_the_floor_is_a_contribution_of_its_own_where_it_acts() -> None:
    (stored,) = told(one([-150.0, -30.0, 5.0], [0.0, 0.0, 0.0]), np.array([0]))
    assert stored["floor"] == 75
    assert reasons.total(stored) == 0
    (above,) = told(one([-50.0, 0.0, 0.0], [0.0, 0.0, 0.0]), np.array([50]))
    assert "floor" not in above


def test_what_moves_nothing_is_not_named() -> None:
    (stored,) = told(one([0.2, 0.0, 40.0], [1.0, 1.0, 1.0]), np.array([140]))
    assert [name for name, _, _ in stored["parts"]] == ["visits_30d"]


def test_importance_is_the_mean_size_of_contributions() -> None:
    both = Reasons(
        target=Target.SALES,
        features=("purchases_30d", "visits_30d"),
        base=0.0,
        parts=np.array([[-1.0, 4.0], [1.0, -8.0]]),
        values=np.zeros((2, 2)),
    )
    assert both.importance == {"visits_30d": 6.0, "purchases_30d": 1.0}
    assert list(both.importance) == ["visits_30d", "purchases_30d"]

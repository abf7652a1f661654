import pytest

from salesml.core.errors import InvalidValue, TooLittleData
from salesml.core.models import ModelRole, Target
from salesml.ml.estimators import (
    DEFAULT_ESTIMATOR,
    ESTIMATORS,
    default_estimator,
    estimators_for,
    find_estimator,
    inputs_of,
)
from salesml.ml.features.definitions import ALL_FEATURES


@pytest.mark.parametrize("target", list(Target))
def test_every_target_has_a_default_that_learns_it(target: Target) -> None:
    assert DEFAULT_ESTIMATOR[target] in estimators_for(target)


@pytest.mark.parametrize("name", ["forest", "logistic"])
def test_an_estimator_that_does_not_learn_the_target_is_refused_with_those_that_do(name: str) -> None:
    with pytest.raises(
        InvalidValue, match=f"estimator: '{name}' does not learn sales; choose one of: linear"
    ):
        find_estimator(name, Target.SALES)


@pytest.mark.parametrize("target", list(Target))
def test_the_kernel_is_answered_by_linear_and_logistic_regression(target: Target) -> None:
    name = default_estimator(target, ModelRole.KERNEL)
    assert name == {Target.SALES: "linear", Target.PURCHASE: "logistic"}[target]
    pipeline = ESTIMATORS[target][name].build(("days_since_last_purchase", "purchases_30d"))
    assert list(pipeline.named_steps) == ["recency", "scale", "model"]


@pytest.mark.parametrize(("target", "name"), [(each, name) for each in Target for name in ESTIMATORS[each]])
def test_the_registry_builds_by_name(target: Target, name: str) -> None:
    pipeline = find_estimator(name, target).build(ALL_FEATURES)
    assert hasattr(pipeline, "predict_proba") is (target is Target.PURCHASE)


@pytest.mark.parametrize("target", list(Target))
def test_what_the_data_cannot_feed_is_said_or_left_out(target: Target) -> None:
    with pytest.raises(TooLittleData, match="bgnbd needs purchase_days, days_since_first_purchase"):
        find_estimator("bgnbd", target).build(("days_since_last_purchase", "spend_total"))
    blend = find_estimator("blend", target).build(("spend_total", "tenure_months"))
    assert "bgnbd" not in dict(blend.members)


def test_tenure_is_read_where_only_recency_needs_it() -> None:
    assert inputs_of(("days_since_last_purchase",)) == ("days_since_last_purchase", "tenure_months")
    assert inputs_of(("visits_7d",)) == ("visits_7d",)
    both = ("tenure_months", "days_since_last_purchase")
    assert inputs_of(both) == both

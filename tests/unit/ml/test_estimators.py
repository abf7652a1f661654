import pytest

from salesml.core.errors import InvalidValue
from salesml.core.models import Target
from salesml.ml.estimators import DEFAULT_ESTIMATOR, ESTIMATORS, estimators_for, find_estimator, inputs_of


@pytest.mark.parametrize("target", list(Target))
def test_every_target_has_a_default_that_learns_it(target: Target) -> None:
    assert DEFAULT_ESTIMATOR[target] in estimators_for(target)


@pytest.mark.parametrize("name", ["forest", "logistic"])
def test_an_estimator_that_does_not_learn_the_target_is_refused_with_those_that_do(name: str) -> None:
    with pytest.raises(
        InvalidValue, match=f"estimator: '{name}' does not learn sales; choose one of: linear"
    ):
        find_estimator(name, Target.SALES)


@pytest.mark.parametrize("name", list(ESTIMATORS))
def test_the_registry_builds_by_name(name: str) -> None:
    pipeline = ESTIMATORS[name].build(("days_since_last_purchase", "purchases_30d"))
    assert list(pipeline.named_steps) == ["recency", "scale", "model"]


def test_tenure_is_read_where_only_recency_needs_it() -> None:
    assert inputs_of(("days_since_last_purchase",)) == ("days_since_last_purchase", "tenure_months")
    assert inputs_of(("visits_7d",)) == ("visits_7d",)
    both = ("tenure_months", "days_since_last_purchase")
    assert inputs_of(both) == both

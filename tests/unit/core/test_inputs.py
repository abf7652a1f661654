"""Which values the inputs of the two forecasts may have."""

import pytest

from salesml.core.errors import InvalidValue
from salesml.core.inputs import INPUTS, NAMES, check, fault
from salesml.core.models import Target
from salesml.ml.features.definitions import PURCHASE_INPUTS, SALES_INPUTS

SALES: dict[str, object] = {
    "purchases_30d": 0,
    "average_basket_value": 0.5,
    "visits_30d": 3.0,
    "days_since_last_purchase": None,
    "tenure_months": 0,
}
PURCHASE: dict[str, object] = {
    "visits_7d": 0,
    "newsletter_opened": True,
    "ad_clicks": 1,
    "has_purchased": 0,
    "time_on_site_seconds": 0.25,
}


def test_the_inputs_are_those_that_the_kernel_models_learn_from() -> None:
    assert NAMES[Target.SALES] == tuple(SALES_INPUTS)
    assert NAMES[Target.PURCHASE] == tuple(PURCHASE_INPUTS)


@pytest.mark.parametrize(("target", "values"), [(Target.SALES, SALES), (Target.PURCHASE, PURCHASE)])
def test_good_inputs_pass(target: Target, values: dict[str, object]) -> None:
    check(target, values)


@pytest.mark.parametrize(("target", "values"), [(Target.SALES, SALES), (Target.PURCHASE, PURCHASE)])
def test_every_input_is_needed_and_no_other(target: Target, values: dict[str, object]) -> None:
    for name in values:
        with pytest.raises(InvalidValue, match=f"{name}: is missing"):
            check(target, {key: value for key, value in values.items() if key != name})
    with pytest.raises(InvalidValue, match="colour"):
        check(target, {**values, "colour": 1})


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("visits_30d", None, "null"),
        ("visits_30d", "3", "not_a_number"),
        ("visits_30d", True, "not_a_number"),
        ("visits_30d", [3], "not_a_number"),
        ("visits_30d", float("nan"), "not_a_number"),
        ("visits_30d", float("inf"), "not_a_number"),
        ("visits_30d", -1, "negative"),
        ("visits_30d", 1.5, "not_whole"),
        ("visits_30d", 10**400, "out_of_range"),
        ("average_basket_value", -0.01, "negative"),
        ("tenure_months", 1e300, "out_of_range"),
        ("newsletter_opened", 2, "not_a_flag"),
        ("newsletter_opened", 0.5, "not_a_flag"),
        ("has_purchased", -1, "not_a_flag"),
        ("has_purchased", None, "null"),
    ],
)
def test_a_wrong_value_has_its_code(name: str, value: object, code: str) -> None:
    rule = next(each for inputs in INPUTS.values() for each in inputs if each.name == name)
    found = fault(rule, value)
    assert found is not None
    assert (found.field, found.code) == (name, code)


def test_only_who_did_not_buy_lately_may_lack_the_day_of_the_last_purchase() -> None:
    check(Target.SALES, {**SALES, "purchases_30d": 1, "days_since_last_purchase": 29})
    with pytest.raises(InvalidValue, match="days_since_last_purchase: must not be null when"):
        check(Target.SALES, {**SALES, "purchases_30d": 1})

"""The inputs of the two five-feature endpoints: which values each may have."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from salesml.core.errors import InvalidValue
from salesml.core.models import Target

RECENCY, PURCHASES = "days_since_last_purchase", "purchases_30d"
MAX_DAYS, MAX_MONTHS = 100_000, 3_000
MAX_COUNT, MAX_AMOUNT = 10**9, 10**12


@dataclass(frozen=True, kw_only=True)
class Input:
    """A number from 0 to `maximum`: `whole` has no fraction, `flag` is 0 or 1, `money` in major units."""

    name: str
    maximum: float
    whole: bool = False
    flag: bool = False
    money: bool = False
    nullable: bool = False


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Why a value is refused."""

    field: str
    code: str
    reason: str


INPUTS: Mapping[Target, tuple[Input, ...]] = {
    Target.SALES: (
        Input(name=PURCHASES, maximum=MAX_COUNT, whole=True),
        Input(name="average_basket_value", maximum=MAX_AMOUNT, money=True),
        Input(name="visits_30d", maximum=MAX_COUNT, whole=True),
        Input(name=RECENCY, maximum=MAX_DAYS, nullable=True),
        Input(name="tenure_months", maximum=MAX_MONTHS),
    ),
    Target.PURCHASE: (
        Input(name="visits_7d", maximum=MAX_COUNT, whole=True),
        Input(name="newsletter_opened", maximum=1, whole=True, flag=True),
        Input(name="ad_clicks", maximum=MAX_COUNT, whole=True),
        Input(name="has_purchased", maximum=1, whole=True, flag=True),
        Input(name="time_on_site_seconds", maximum=MAX_COUNT),
    ),
}
NAMES: Mapping[Target, tuple[str, ...]] = {
    target: tuple(each.name for each in inputs) for target, inputs in INPUTS.items()
}
RECENCY_REASON = "must not be null when purchases_30d is above 0"


def fault(rule: Input, value: object) -> Fault | None:
    """What is wrong with one value of JSON; None when it is good."""
    # Nearly every value is a good number, and this is on the way of every forecast.
    if (type(value) is float or type(value) is int) and (
        0 <= value <= rule.maximum and not (rule.whole and value % 1)
    ):
        return None
    wrong = _kind_fault(rule, value)
    if wrong is None and isinstance(value, int | float):
        wrong = _range_fault(rule, value)
    return None if wrong is None else Fault(field=rule.name, code=wrong[0], reason=wrong[1])


def _kind_fault(rule: Input, value: object) -> tuple[str, str] | None:
    if value is None:
        return None if rule.nullable else ("null", "must not be null")
    if isinstance(value, bool):
        return None if rule.flag else ("not_a_number", "must be a number, not true or false")
    if not isinstance(value, int | float):
        return "not_a_number", "must be a number"
    if isinstance(value, float) and not math.isfinite(value):
        return "not_a_number", "must be a finite number"
    return None


def _range_fault(rule: Input, value: float) -> tuple[str, str] | None:
    if rule.flag:
        return None if value in (0, 1) else ("not_a_flag", "must be 0 or 1, true or false")
    if value < 0:
        return "negative", "must not be negative"
    if value > rule.maximum:
        return "out_of_range", f"must be at most {rule.maximum:,.0f}"
    if rule.whole and value != int(value):
        return "not_whole", "must be a whole number"
    return None


def recency_fault(values: Mapping[str, object]) -> Fault | None:
    """Who has bought in the last 30 days has a day of the last purchase."""
    if values.get(RECENCY, 0) is None and values.get(PURCHASES) not in (0, None):
        return Fault(field=RECENCY, code="null", reason=RECENCY_REASON)
    return None


def check(target: Target, values: Mapping[str, object]) -> None:
    """Raises InvalidValue for a missing, unknown or wrong input; the first in the table's order."""
    for rule in INPUTS[target]:
        if rule.name not in values:
            raise InvalidValue(rule.name, "is missing")
        if (wrong := fault(rule, values[rule.name])) is not None:
            raise InvalidValue(wrong.field, wrong.reason)
    for name in values:
        if name not in NAMES[target]:
            raise InvalidValue(name, "is not an input of this forecast")
    if (wrong := recency_fault(values)) is not None:
        raise InvalidValue(wrong.field, wrong.reason)

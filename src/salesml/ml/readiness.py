"""What a history is good for: which features it gives, which models can be trained, and what is missing.

Asked of the very functions that training asks, so that both always say the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from salesml.core.days import date_of
from salesml.core.errors import TooLittleData
from salesml.core.models import ModelRole, Target
from salesml.core.reports import ClaimState, FeatureState
from salesml.ml.features.definition import FeatureDefinition
from salesml.ml.features.definitions import CLIENT_FEATURES, DEFINITIONS
from salesml.ml.features.engine import Resources
from salesml.ml.features.engine import first_day as first_order_day
from salesml.ml.history import History
from salesml.ml.material import Material, choose_features, prepare
from salesml.ml.sufficiency import NEEDED_DAYS, STEP_DAYS
from salesml.ml.training import check_material


@dataclass(frozen=True, kw_only=True)
class Readiness:
    """`backtests` is how many past dates, 30 days apart, can be judged honestly."""

    claims: tuple[ClaimState, ...]
    features: tuple[FeatureState, ...]
    backtests: int


def readiness(history: History, as_of_day: int, resources: Resources | None = None) -> Readiness:
    """Judge every feature, and every model that could be trained at an as-of date."""
    try:
        material = prepare(history, as_of_day, resources, wanted=CLIENT_FEATURES)
    except TooLittleData as error:
        features = tuple(_by_coverage(each, history, as_of_day) for each in DEFINITIONS)
        return Readiness(claims=_refused(str(error)), features=features, backtests=0)
    return Readiness(
        claims=tuple(_judged(material, target, role) for target, role in _MODELS),
        features=_features(material),
        backtests=_backtests(history, as_of_day),
    )


def nothing(reason: str) -> Readiness:
    """Of a shop without orders."""
    features = tuple(FeatureState(name=each.name, reason=reason) for each in DEFINITIONS)
    return Readiness(claims=_refused(reason), features=features, backtests=0)


def _refused(reason: str) -> tuple[ClaimState, ...]:
    return tuple(_claim(target, role, reason) for target, role in _MODELS)


def _judged(material: Material, target: Target, role: ModelRole) -> ClaimState:
    try:
        check_material(material, target, role)
    except TooLittleData as error:
        return _claim(target, role, str(error))
    return _claim(target, role, None)


def _claim(target: Target, role: ModelRole, reason: str | None) -> ClaimState:
    return ClaimState(name=f"{target}_{role}", reason=reason)


def _features(material: Material) -> tuple[FeatureState, ...]:
    names = [each.name for each in DEFINITIONS]
    ignored = choose_features(material, names).ignored
    return tuple(FeatureState(name=name, reason=ignored.get(name)) for name in names)


def _by_coverage(definition: FeatureDefinition, history: History, as_of_day: int) -> FeatureState:
    """Without training dates, only what the data covers on the as-of date can be said."""
    if definition.known(history.coverage, as_of_day, first_order_day(history)):
        return FeatureState(name=definition.name)
    covered = history.coverage.get(definition.metric or "")
    reason = f"unknown at {date_of(as_of_day)}: the data has no {definition.metric}"
    if covered is not None:
        first, last = date_of(covered.first_day), date_of(covered.last_day)
        reason = f"unknown at {date_of(as_of_day)}: {definition.metric} is known from {first} to {last}"
    return FeatureState(name=definition.name, reason=reason)


def _backtests(history: History, as_of_day: int) -> int:
    first = first_order_day(history)
    return 0 if first is None else max(0, (as_of_day - first - NEEDED_DAYS) // STEP_DAYS)


_MODELS: Sequence[tuple[Target, ModelRole]] = (
    (Target.SALES, ModelRole.CLIENTS),
    (Target.PURCHASE, ModelRole.CLIENTS),
    (Target.SALES, ModelRole.KERNEL),
    (Target.PURCHASE, ModelRole.KERNEL),
)

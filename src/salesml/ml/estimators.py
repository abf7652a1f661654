"""The registry of estimators: which there are, what they predict, how each is built."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pkgutil import resolve_name
from typing import Any

from salesml.core.errors import InvalidValue
from salesml.core.models import ModelRole, Target

RECENCY, TENURE = "days_since_last_purchase", "tenure_months"
MAX_ROWS = 150_000
"""Rows beyond which a rich estimator learns nothing more that would be worth its time."""


@dataclass(frozen=True, kw_only=True)
class EstimatorSpec:
    """How one target is learned: `build` makes an unfitted pipeline for the named features.

    The pipeline, scikit-learn's, reads a matrix of the columns `inputs_of(features)`. With `rich` stored
    clients are described by all features, else by the kernel's; with `by_date` its `fit` also takes the
    as-of day of each row; beyond `max_rows` it learns from a sample of the clients.
    """

    name: str
    build: Callable[[Sequence[str]], Any]
    rich: bool = False
    by_date: bool = False
    max_rows: int | None = None


def inputs_of(features: Sequence[str]) -> tuple[str, ...]:
    """Columns that a pipeline of these features reads: tenure is added where only recency needs it."""
    helper = (TENURE,) if RECENCY in features and TENURE not in features else ()
    return (*features, *helper)


def _recipe(place: str) -> Callable[[Sequence[str]], Any]:
    """A function of a module that is loaded when it builds: who only asks which estimators there are waits
    for no scikit-learn."""

    def build(features: Sequence[str]) -> Any:
        return resolve_name(f"salesml.ml.{place}")(features)

    return build


def _rich(name: str, recipe: str, *, by_date: bool = False) -> EstimatorSpec:
    build = _recipe(f"recipes:{recipe}")
    return EstimatorSpec(name=name, build=build, rich=True, by_date=by_date, max_rows=MAX_ROWS)


def _by_name(*specs: EstimatorSpec) -> Mapping[str, EstimatorSpec]:
    return {spec.name: spec for spec in specs}


ESTIMATORS: Mapping[Target, Mapping[str, EstimatorSpec]] = {
    Target.SALES: _by_name(
        EstimatorSpec(name="linear", build=_recipe("pipelines:linear")),
        _rich("tweedie", "tweedie"),
        _rich("two_stage", "two_stage"),
        _rich("boosting", "sales_boosting"),
        _rich("bgnbd", "sales_bgnbd"),
        _rich("blend", "sales_blend", by_date=True),
    ),
    Target.PURCHASE: _by_name(
        EstimatorSpec(name="logistic", build=_recipe("pipelines:logistic")),
        _rich("penalised_logistic", "penalised_logistic"),
        _rich("boosting", "purchase_boosting"),
        _rich("bgnbd", "purchase_bgnbd"),
        _rich("blend", "purchase_blend", by_date=True),
    ),
}
KERNEL_ESTIMATOR: Mapping[Target, str] = {Target.SALES: "linear", Target.PURCHASE: "logistic"}
"""What answers the five-feature endpoints, whatever scores stored clients."""
DEFAULT_ESTIMATOR: Mapping[Target, str] = {Target.SALES: "blend", Target.PURCHASE: "blend"}
"""What scores stored clients unless another is asked for."""


def default_estimator(target: Target, role: ModelRole) -> str:
    """The estimator of a model for which none is asked."""
    return (KERNEL_ESTIMATOR if role is ModelRole.KERNEL else DEFAULT_ESTIMATOR)[target]


def estimators_for(target: Target) -> tuple[str, ...]:
    """Names of the estimators that can learn the target."""
    return tuple(ESTIMATORS[target])


def find_estimator(name: str, target: Target) -> EstimatorSpec:
    """Raises InvalidValue when there is no such estimator, or it does not learn the target."""
    spec = ESTIMATORS[target].get(name)
    if spec is None:
        known = ", ".join(estimators_for(target))
        raise InvalidValue("estimator", f"{name!r} does not learn {target}; choose one of: {known}")
    return spec

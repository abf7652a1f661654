"""The registry of estimators: which there are, what they predict, how each is built."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pkgutil import resolve_name
from typing import Any

from salesml.core.errors import InvalidValue
from salesml.core.models import Target

RECENCY, TENURE = "days_since_last_purchase", "tenure_months"


@dataclass(frozen=True, kw_only=True)
class EstimatorSpec:
    """An estimator of the registry: `build` makes an unfitted pipeline for the named features.

    The pipeline, scikit-learn's, reads a matrix of the columns `inputs_of(features)`.
    """

    name: str
    targets: frozenset[Target]
    build: Callable[[Sequence[str]], Any]


def inputs_of(features: Sequence[str]) -> tuple[str, ...]:
    """Columns that a pipeline of these features reads: tenure is added where only recency needs it."""
    helper = (TENURE,) if RECENCY in features and TENURE not in features else ()
    return (*features, *helper)


def _recipe(name: str) -> Callable[[Sequence[str]], Any]:
    """A function of `salesml.ml.pipelines`, which is loaded when it builds: who only asks which estimators
    there are waits for no scikit-learn."""

    def build(features: Sequence[str]) -> Any:
        return resolve_name(f"salesml.ml.pipelines:{name}")(features)

    return build


ESTIMATORS: Mapping[str, EstimatorSpec] = {
    spec.name: spec
    for spec in (
        EstimatorSpec(name="linear", targets=frozenset({Target.SALES}), build=_recipe("linear")),
        EstimatorSpec(name="logistic", targets=frozenset({Target.PURCHASE}), build=_recipe("logistic")),
    )
}
DEFAULT_ESTIMATOR: Mapping[Target, str] = {Target.SALES: "linear", Target.PURCHASE: "logistic"}


def estimators_for(target: Target) -> tuple[str, ...]:
    """Names of the estimators that can learn the target."""
    return tuple(name for name, spec in ESTIMATORS.items() if target in spec.targets)


def find_estimator(name: str, target: Target) -> EstimatorSpec:
    """Raises InvalidValue when there is no such estimator, or it does not learn the target."""
    spec = ESTIMATORS.get(name)
    if spec is None or target not in spec.targets:
        known = ", ".join(estimators_for(target))
        raise InvalidValue("estimator", f"{name!r} does not learn {target}; choose one of: {known}")
    return spec

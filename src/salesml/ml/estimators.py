"""The registry of estimators: which there are, what they predict, how each is built."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from salesml.core.errors import InvalidValue
from salesml.core.models import Target
from salesml.ml.recency import RecencyImputer

RECENCY, TENURE = "days_since_last_purchase", "tenure_months"
SEED = 20_261_101


@dataclass(frozen=True, kw_only=True)
class EstimatorSpec:
    """An estimator of the registry: `build` makes an unfitted pipeline for the named features.

    The pipeline reads a matrix of the columns `inputs_of(features)`.
    """

    name: str
    targets: frozenset[Target]
    build: Callable[[Sequence[str]], Pipeline]


def inputs_of(features: Sequence[str]) -> tuple[str, ...]:
    """Columns that a pipeline of these features reads: tenure is added where only recency needs it."""
    helper = (TENURE,) if RECENCY in features and TENURE not in features else ()
    return (*features, *helper)


def _standardised(features: Sequence[str], model: object) -> Pipeline:
    inputs = inputs_of(features)
    imputer = RecencyImputer(
        recency=inputs.index(RECENCY) if RECENCY in features else None,
        tenure=inputs.index(TENURE) if RECENCY in features else None,
        keep_tenure=TENURE in features,
    )
    return Pipeline([("recency", imputer), ("scale", StandardScaler()), ("model", model)])


def _linear(features: Sequence[str]) -> Pipeline:
    return _standardised(features, LinearRegression())


def _logistic(features: Sequence[str]) -> Pipeline:
    model = LogisticRegression(solver="lbfgs", C=1.0, max_iter=1_000, random_state=SEED)
    return _standardised(features, model)


ESTIMATORS: Mapping[str, EstimatorSpec] = {
    spec.name: spec
    for spec in (
        EstimatorSpec(name="linear", targets=frozenset({Target.SALES}), build=_linear),
        EstimatorSpec(name="logistic", targets=frozenset({Target.PURCHASE}), build=_logistic),
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

"""Training at an as-of date T, by one protocol: judged on the newest matured window, then refitted.

The judge is J = T - 30, the newest date whose 30-day label has matured at T. Metrics come from a fit on
J - 30, J - 60, ...; the version that serves is fitted anew, with the same recipe, on T - 30, T - 60, ...
No label looks beyond T.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sklearn.pipeline import Pipeline
from threadpoolctl import threadpool_limits

from salesml.core.activity import Coverage
from salesml.core.days import date_of
from salesml.core.models import HORIZON_DAYS, Folded, ModelRole, Target
from salesml.core.money import Currency
from salesml.ml import sufficiency
from salesml.ml.baselines import evaluate_baselines, verdict
from salesml.ml.estimators import DEFAULT_ESTIMATOR, EstimatorSpec, find_estimator
from salesml.ml.evaluation import Metrics, evaluate_purchase, evaluate_sales
from salesml.ml.examples import Examples, Matrix, Rows, load_examples
from salesml.ml.features.definitions import CLIENT_FEATURES, PURCHASE_INPUTS, SALES_INPUTS
from salesml.ml.features.engine import Resources
from salesml.ml.features.engine import first_day as first_order_day
from salesml.ml.folding import fold
from salesml.ml.history import History
from salesml.ml.prediction import predict_purchase, predict_sales
from salesml.ml.selection import Selection, choose
from salesml.ml.sufficiency import MIN_HISTORY_DAYS, STEP_DAYS

MAX_DATES = 12

ROLE_FEATURES: Mapping[tuple[Target, ModelRole], tuple[str, ...]] = {
    (Target.SALES, ModelRole.KERNEL): tuple(SALES_INPUTS),
    (Target.PURCHASE, ModelRole.KERNEL): tuple(PURCHASE_INPUTS),
    (Target.SALES, ModelRole.CLIENTS): tuple(CLIENT_FEATURES),
    (Target.PURCHASE, ModelRole.CLIENTS): tuple(CLIENT_FEATURES),
}


@dataclass(frozen=True, kw_only=True)
class TrainingDays:
    """Epoch days: `fit` is what the judged fit learns from, `served` what the serving version does."""

    as_of: int
    judge: int
    fit: tuple[int, ...]
    served: tuple[int, ...]

    @property
    def labelled(self) -> frozenset[int]:
        """Dates whose labels are needed; all have matured at the as-of date."""
        return frozenset({self.judge, *self.fit, *self.served})


@dataclass(frozen=True, kw_only=True)
class Material:
    """What every model of one as-of date is trained from."""

    days: TrainingDays
    examples: Examples
    coverage: Mapping[str, Coverage]


@dataclass(frozen=True, kw_only=True)
class Trained:
    """A fitted pipeline and its record; the fields mean what they mean in core.models.ModelVersion.

    `served_days` are the training dates of the pipeline, newest first.
    """

    pipeline: Pipeline
    target: Target
    role: ModelRole
    estimator: str
    as_of_day: int
    features: tuple[str, ...]
    ignored: Mapping[str, str]
    metrics: Metrics
    baselines: Mapping[str, Metrics]
    training: Mapping[str, object]
    folded: Folded | None
    verdict: str | None
    served_days: tuple[int, ...]

    @property
    def horizon_days(self) -> int:
        return HORIZON_DAYS[self.target]


def training_days(first_day: int, as_of_day: int) -> TrainingDays:
    """The dates of the protocol, newest first; each has 30 days of history and a matured label."""
    judge = as_of_day - STEP_DAYS
    earliest = first_day + MIN_HISTORY_DAYS
    return TrainingDays(
        as_of=as_of_day,
        judge=judge,
        fit=tuple(range(judge - STEP_DAYS, earliest - 1, -STEP_DAYS)[:MAX_DATES]),
        served=tuple(range(judge, earliest - 1, -STEP_DAYS)[:MAX_DATES]),
    )


def checked_days(history: History, as_of_day: int) -> TrainingDays:
    """The dates for this history. Raises TooLittleData, in numbers, when there is no training date."""
    first = sufficiency.check_history(history, first_order_day(history), as_of_day)
    return training_days(first, as_of_day)


def prepare(history: History, as_of_day: int, resources: Resources | None = None) -> Material:
    """Compute once what the models of all targets and roles at one as-of date learn from.

    Raises TooLittleData when the history is too short.
    """
    days = checked_days(history, as_of_day)
    examples = load_examples(
        history, feature_days=days.labelled | {as_of_day}, label_days=days.labelled, resources=resources
    )
    return Material(days=days, examples=examples, coverage=history.coverage)


def train(
    material: Material,
    target: Target,
    role: ModelRole,
    *,
    threshold: float,
    currency: Currency,
    estimator: str | None = None,
) -> Trained:
    """Judge and fit one model. The same data gives the same coefficients, to the last bit.

    `threshold` decides in the confusion matrix; `currency` turns minor units into those of the metrics.
    Raises TooLittleData for this target and role, InvalidValue for an unknown estimator.
    """
    spec = find_estimator(estimator or DEFAULT_ESTIMATOR[target], target)
    choice = _choose(material, target, role)
    fit_rows, judge_rows = _checked_rows(material, target, role, choice)
    exponent = currency.exponent
    judged = _fit(spec, target, choice.features, choice.days, fit_rows)
    metrics = evaluate(
        judged.pipeline, target, choice.features, judge_rows, threshold=threshold, exponent=exponent
    )
    baselines = evaluate_baselines(target, fit_rows, judge_rows, threshold=threshold, exponent=exponent)
    days = tuple(day for day in material.days.served if day in {material.days.judge, *choice.days})
    served = _fit(spec, target, choice.features, days, material.examples.at(days))
    return Trained(
        pipeline=served.pipeline,
        target=target,
        role=role,
        estimator=spec.name,
        as_of_day=material.days.as_of,
        features=choice.features,
        ignored=choice.ignored,
        metrics=metrics,
        baselines=baselines,
        training=_facts(material.days, judge_rows, judged, served),
        folded=fold(served.pipeline, choice.features, served.matrix),
        verdict=verdict(target, metrics, baselines),
        served_days=days,
    )


def evaluate(
    pipeline: Pipeline,
    target: Target,
    features: Sequence[str],
    rows: Rows,
    *,
    threshold: float,
    exponent: int,
) -> Metrics:
    """Metrics of a fitted pipeline on labelled rows, on the values that would be served."""
    if target is Target.SALES:
        sales = predict_sales(pipeline, features, rows.features)
        return evaluate_sales(rows.sales, sales, exponent=exponent)
    probability = predict_purchase(pipeline, features, rows.features)
    return evaluate_purchase(rows.bought, probability, threshold=threshold)


@dataclass(frozen=True, kw_only=True)
class _Fit:
    """A pipeline with what it was fitted on."""

    pipeline: Pipeline
    days: tuple[int, ...]
    matrix: Matrix
    label: Matrix


def check_material(material: Material, target: Target, role: ModelRole) -> None:
    """Raises TooLittleData, as training would, without training."""
    _checked_rows(material, target, role, _choose(material, target, role))


def choose_features(material: Material, wanted: Sequence[str]) -> Selection:
    """Which of the wanted features are known and vary, and why the others are left out."""
    days = material.days
    return choose(
        material.examples.features,
        wanted,
        fit_days=days.fit,
        needed_days=(days.judge, days.as_of),
        coverage=material.coverage,
    )


def _choose(material: Material, target: Target, role: ModelRole) -> Selection:
    choice = choose_features(material, ROLE_FEATURES[target, role])
    sufficiency.check_features(target, role, choice.features, material.days.as_of)
    return choice


def _checked_rows(
    material: Material, target: Target, role: ModelRole, choice: Selection
) -> tuple[Rows, Rows]:
    judge = material.days.judge
    fit_rows, judge_rows = material.examples.at(choice.days), material.examples.at([judge])
    sufficiency.check_training(target, role, fit_rows, choice.days, choice.features)
    sufficiency.check_judge(target, role, judge_rows, judge)
    return fit_rows, judge_rows


def _fit(
    spec: EstimatorSpec, target: Target, features: Sequence[str], days: tuple[int, ...], rows: Rows
) -> _Fit:
    matrix, label = rows.matrix(features), rows.label(target)
    # Sums in several threads end in other last bits; one thread makes the fit repeatable.
    with threadpool_limits(limits=1):
        pipeline = spec.build(features).fit(matrix, label)
    return _Fit(pipeline=pipeline, days=days, matrix=matrix, label=label)


def _facts(days: TrainingDays, judge_rows: Rows, judged: _Fit, served: _Fit) -> dict[str, object]:
    return {
        "as_of": date_of(days.as_of).isoformat(),
        "judge_date": date_of(days.judge).isoformat(),
        "judge_rows": len(judge_rows.sales),
        "judged_fit": _fit_facts(judged),
        "served_fit": _fit_facts(served),
        "refitted": "metrics come from the judged fit; the served version is the same recipe "
        "fitted again, with the judge date added",
    }


def _fit_facts(fit: _Fit) -> dict[str, object]:
    digest = hashlib.sha256(fit.matrix.data)
    digest.update(fit.label.data)
    return {
        "dates": [date_of(day).isoformat() for day in fit.days],
        "rows": len(fit.label),
        "positives": int((fit.label > 0).sum()),
        "sha256": digest.hexdigest(),
    }

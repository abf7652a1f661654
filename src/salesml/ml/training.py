"""Training at an as-of date: tried at past origins, judged at the newest one, then refitted to serve."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sklearn.pipeline import Pipeline

from salesml.core.days import date_of
from salesml.core.models import HORIZON_DAYS, Folded, ModelRole, Target
from salesml.core.money import Currency
from salesml.ml.baselines import evaluate_baselines, verdict
from salesml.ml.estimators import EstimatorSpec, default_estimator, find_estimator
from salesml.ml.evaluation import Metrics
from salesml.ml.evidence import Evidence, evidence, fitted_intervals, measured
from salesml.ml.fitting import Fit, fit
from salesml.ml.folding import fold
from salesml.ml.intervals import Intervals
from salesml.ml.material import Material, TrainingDays, choose_at
from salesml.ml.rolling import Window
from salesml.ml.windows import Trial, checked_rows, trials, windows_of


@dataclass(frozen=True, kw_only=True)
class Trained:
    """A fitted pipeline and its record; the fields mean what they mean in core.models.ModelVersion.

    `served_days` are the training dates of the pipeline, newest first; `windows` what its recipe forecast
    at past origins, the judge date first.
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
    evidence: Evidence
    intervals: Intervals | None
    folded: Folded | None
    verdict: str | None
    served_days: tuple[int, ...]
    windows: Sequence[Window] = field(repr=False)

    @property
    def horizon_days(self) -> int:
        return HORIZON_DAYS[self.target]


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

    `estimator` is for stored clients, the kernel has its own. `threshold` decides in the confusion matrix;
    `currency` turns minor units into those of the metrics.
    Raises TooLittleData for this target and role, InvalidValue for an unknown estimator.
    """
    usual = default_estimator(target, role)
    spec = find_estimator(estimator or usual, target)
    if role is ModelRole.KERNEL:
        # The five-feature endpoints answer from linear and logistic regression, whatever scores the clients.
        spec = find_estimator(usual, target)
    found = trials(material, target, role, spec)
    judged, exponent = found[0], currency.exponent
    metrics = measured(judged.window, threshold=threshold, exponent=exponent)
    baselines = evaluate_baselines(
        target, judged.learned, judged.window.rows, threshold=threshold, exponent=exponent
    )
    served = _served(material, target, spec, judged)
    return Trained(
        pipeline=served.pipeline,
        target=target,
        role=role,
        estimator=spec.name,
        as_of_day=material.days.as_of,
        features=served.features,
        ignored=judged.choice.ignored,
        metrics=metrics,
        baselines=baselines,
        training=_facts(material.days, judged, served),
        evidence=evidence(found, threshold=threshold, exponent=exponent),
        intervals=fitted_intervals(windows_of(found)),
        folded=fold(served.pipeline, served.features, served.matrix),
        verdict=verdict(target, metrics, baselines),
        served_days=served.days,
        windows=windows_of(found),
    )


def check_material(material: Material, target: Target, role: ModelRole) -> None:
    """Raises TooLittleData, as training would, without training."""
    judge = material.days.judge
    checked_rows(material, target, role, choose_at(material, target, role, judge), judge)


def _served(material: Material, target: Target, spec: EstimatorSpec, judged: Trial) -> Fit:
    """The judged recipe once more, with the judge date among the training dates."""
    days = tuple(day for day in material.days.served if day in {material.days.judge, *judged.fit.days})
    return fit(spec, target, judged.fit.features, days, material.examples.at(days))


def _facts(days: TrainingDays, judged: Trial, served: Fit) -> dict[str, object]:
    return {
        "as_of": date_of(days.as_of).isoformat(),
        "judge_date": date_of(days.judge).isoformat(),
        "judge_rows": len(judged.window.rows.sales),
        "judged_fit": judged.fit.facts,
        "served_fit": served.facts,
        "refitted": "metrics come from the judged fit; the served version is the same recipe "
        "fitted again, with the judge date added",
    }

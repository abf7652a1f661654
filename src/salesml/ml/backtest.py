"""What would have been forecast at past dates, by models that saw nothing later, against what happened."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from salesml.core.days import date_of
from salesml.core.errors import TooLittleData
from salesml.core.models import HORIZON_DAYS, ModelRole, Target
from salesml.core.money import Currency
from salesml.ml.baselines import evaluate_baselines, verdict
from salesml.ml.evaluation import Metrics
from salesml.ml.examples import Examples, load_examples
from salesml.ml.features.engine import Resources
from salesml.ml.history import History
from salesml.ml.prediction import decision, predict_purchase, predict_sales
from salesml.ml.training import Material, Trained, TrainingDays, checked_days, evaluate, train

Report = Callable[[str, int, int], None]
"""Told the stage in words, the steps done and their number."""

PREDICTIONS = pa.schema(
    [
        ("client_id", pa.int64()),
        ("as_of_day", pa.int32()),
        ("predicted_sales", pa.int64()),
        ("purchase_probability", pa.float64()),
        ("decision", pa.int8()),
    ]
)


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """One target at one past date: what was served then, measured on what happened after.

    `trained` holds the version of that day. Without metrics, `reason` says why: too little data (then
    there are no forecasts either), or a label that has not matured.
    """

    as_of_day: int
    target: Target
    trained: Trained | None = None
    metrics: Metrics | None = None
    baselines: Mapping[str, Metrics] | None = None
    verdict: str | None = None
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class Backtest:
    """`predictions` has the columns of PREDICTIONS, by date and client; a target that could not be trained
    is null there, a date without any target is left out. `judgements` are by date and target."""

    predictions: pa.Table
    judgements: tuple[Judgement, ...]


@dataclass(frozen=True, kw_only=True)
class _Recipe:
    threshold: float
    currency: Currency
    estimators: Mapping[Target, str]
    last_day: int


def default_windows(last_day: int, windows: int = 3) -> tuple[int, ...]:
    """The newest as-of dates whose 30 days are over, 30 days apart, the newest first."""
    step = HORIZON_DAYS[Target.SALES]
    return tuple(last_day - step * number for number in range(1, windows + 1))


def backtest(
    history: History,
    as_of_days: Sequence[int],
    *,
    threshold: float,
    currency: Currency,
    estimators: Mapping[Target, str] | None = None,
    resources: Resources | None = None,
    report: Report = lambda _stage, _done, _total: None,
) -> Backtest:
    """Train at each date exactly what would have been served then, forecast every client known, and judge.

    Where a label ends after the last day with orders there are forecasts without metrics; where there is
    too little data, a reason. Raises InvalidValue for an unknown estimator.
    """
    days = sorted(set(as_of_days))
    recipe = _Recipe(
        threshold=threshold,
        currency=currency,
        estimators=estimators or {},
        last_day=pc.max(history.orders["day"]).as_py() or 0,
    )
    report("features", 0, len(days))
    plans, refused = _plan(history, days)
    examples = _load(history, plans, recipe.last_day, resources)
    tables: list[pa.Table] = []
    judgements: list[Judgement] = []
    for number, day in enumerate(days):
        report(f"backtest at {date_of(day)}", number, len(days))
        if day not in plans:
            judgements += [Judgement(as_of_day=day, target=t, reason=refused[day]) for t in Target]
            continue
        material = Material(days=plans[day], examples=examples, coverage=history.coverage)
        judged = [_judge(material, target, recipe) for target in Target]
        judgements += judged
        tables += _forecasts(examples.features[day], judged, recipe)
    report("backtest", len(days), len(days))
    return Backtest(
        predictions=pa.concat_tables([PREDICTIONS.empty_table(), *tables]), judgements=tuple(judgements)
    )


def _plan(history: History, days: Sequence[int]) -> tuple[dict[int, TrainingDays], dict[int, str]]:
    plans: dict[int, TrainingDays] = {}
    refused: dict[int, str] = {}
    for day in days:
        try:
            plans[day] = checked_days(history, day)
        except TooLittleData as error:
            refused[day] = str(error)
    return plans, refused


def _load(
    history: History, plans: Mapping[int, TrainingDays], last_day: int, resources: Resources | None
) -> Examples:
    labelled = {day for plan in plans.values() for day in plan.labelled}
    matured = {day for day in plans if day + min(HORIZON_DAYS.values()) <= last_day}
    return load_examples(
        history, feature_days=labelled | set(plans), label_days=labelled | matured, resources=resources
    )


def _judge(material: Material, target: Target, recipe: _Recipe) -> Judgement:
    day = material.days.as_of
    try:
        trained = train(
            material,
            target,
            ModelRole.CLIENTS,
            threshold=recipe.threshold,
            currency=recipe.currency,
            estimator=recipe.estimators.get(target),
        )
    except TooLittleData as error:
        return Judgement(as_of_day=day, target=target, reason=str(error))
    matures = day + HORIZON_DAYS[target]
    if matures > recipe.last_day:
        reason = f"its label ends on {date_of(matures)}, the orders on {date_of(recipe.last_day)}"
        return Judgement(as_of_day=day, target=target, trained=trained, reason=reason)
    return _measured(material, trained, recipe)


def _measured(material: Material, trained: Trained, recipe: _Recipe) -> Judgement:
    rows = material.examples.at([trained.as_of_day])
    # The baselines learn from the dates of the version that was served, as it did.
    training = material.examples.at(trained.served_days)
    threshold, exponent = recipe.threshold, recipe.currency.exponent
    metrics = evaluate(
        trained.pipeline, trained.target, trained.features, rows, threshold=threshold, exponent=exponent
    )
    baselines = evaluate_baselines(trained.target, training, rows, threshold=threshold, exponent=exponent)
    return Judgement(
        as_of_day=trained.as_of_day,
        target=trained.target,
        trained=trained,
        metrics=metrics,
        baselines=baselines,
        verdict=verdict(trained.target, metrics, baselines),
    )


def _forecasts(rows: pa.Table, judged: Sequence[Judgement], recipe: _Recipe) -> list[pa.Table]:
    trained = {one.target: one.trained for one in judged if one.trained is not None}
    if not trained:
        return []
    columns = {name: pa.nulls(rows.num_rows, PREDICTIONS.field(name).type) for name in PREDICTIONS.names}
    columns["client_id"], columns["as_of_day"] = rows["client_id"], rows["as_of_day"]
    if sales := trained.get(Target.SALES):
        columns["predicted_sales"] = pa.array(predict_sales(sales.pipeline, sales.features, rows))
    if purchase := trained.get(Target.PURCHASE):
        probability = predict_purchase(purchase.pipeline, purchase.features, rows)
        columns["purchase_probability"] = pa.array(probability)
        columns["decision"] = pa.array(decision(probability, recipe.threshold))
    return [pa.table(columns, schema=PREDICTIONS)]

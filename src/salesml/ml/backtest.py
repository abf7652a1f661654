"""What would have been forecast at past dates, by models that saw nothing later, against what happened."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, count

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from salesml.core.errors import TooLittleData
from salesml.core.models import HORIZON_DAYS, Target
from salesml.core.money import Currency
from salesml.ml.bootstrap import DRAWS, resampling
from salesml.ml.contest import Contest, Recipe, check_contenders, contest, no_contest
from salesml.ml.examples import Examples, load_examples
from salesml.ml.features.definitions import ALL_FEATURES
from salesml.ml.features.engine import Resources
from salesml.ml.history import History
from salesml.ml.league import Table, Terms, pooled, table
from salesml.ml.material import Material, TrainingDays, checked_days
from salesml.ml.prediction import decision

Report = Callable[[str, int, int], None]
"""Told the stage in words, the steps done and their number."""
FORECASTING, COMPARING = "forecasting from past dates", "comparing the models"

PREDICTIONS = pa.schema(
    [
        ("client_id", pa.int64()),
        ("as_of_day", pa.int32()),
        ("predicted_sales", pa.int64()),
        ("lower", pa.int64()),
        ("upper", pa.int64()),
        ("purchase_probability", pa.float64()),
        ("decision", pa.int8()),
    ]
)


@dataclass(frozen=True, kw_only=True)
class Backtest:
    """`predictions` has the columns of PREDICTIONS, by date and client: what the default recipe would have
    served, with the 80 % interval of sales. A target that it could not learn is null there, a date without
    any target is left out.

    `league` has a table of each target over all dates that could be judged, `windows` one of each date and
    target.
    """

    predictions: pa.Table
    league: tuple[Table, ...]
    windows: tuple[Table, ...]


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
    defaults: Mapping[Target, str] | None = None,
    estimators: Mapping[Target, Sequence[str]] | None = None,
    resources: Resources | None = None,
    report: Report = lambda _stage, _done, _total: None,
    draws: int = DRAWS,
) -> Backtest:
    """Train at each date exactly what would have been served then, forecast every client known, and judge.

    `defaults` are the recipes that serve (the registry's, unless given), with which the other `estimators`,
    names of `contest.contenders_for` a target, are compared. Where a label ends after the last day with
    orders there are forecasts without metrics; where there is too little data, or an estimator fails, a
    reason. Raises InvalidValue for an unknown estimator.
    """
    recipe = Recipe(
        threshold=threshold,
        currency=currency,
        last_day=pc.max(history.orders["day"]).as_py() or 0,
        others=estimators or {},
        defaults=defaults or {},
    )
    check_contenders([*recipe.defaults.values(), *chain.from_iterable(recipe.others.values())])
    days = sorted(set(as_of_days))
    report("computing features", 0, len(days))
    contests, predictions = hold(history, days, recipe, resources, report)
    league, windows = _judge(contests, recipe, draws, report)
    return Backtest(predictions=predictions, league=league, windows=windows)


def hold(
    history: History, days: Sequence[int], recipe: Recipe, resources: Resources | None, report: Report
) -> tuple[list[Contest], pa.Table]:
    """The contests by date and target, and what the default recipes would have served, as PREDICTIONS."""
    plans, refused = _plan(history, days)
    examples = _load(history, plans, recipe.last_day, resources)
    models = sum(len(recipe.names(target)) for target in Target) * len(plans)
    trained = count()
    tables = [PREDICTIONS.empty_table()]
    contests: list[Contest] = []
    for day in days:
        if day in refused:
            contests += [no_contest(day, target, recipe, refused[day]) for target in Target]
            continue
        material = Material(days=plans[day], examples=examples, coverage=history.coverage)
        found = [
            contest(material, target, recipe, lambda: report(FORECASTING, next(trained), models))
            for target in Target
        ]
        tables += _forecasts(examples.features[day], found, recipe.threshold)
        contests += found
    return contests, pa.concat_tables(tables)


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
        history,
        feature_days=labelled | set(plans),
        label_days=labelled | matured,
        wanted=ALL_FEATURES,
        resources=resources,
    )


def _judge(
    contests: Sequence[Contest], recipe: Recipe, draws: int, report: Report
) -> tuple[tuple[Table, ...], tuple[Table, ...]]:
    """League tables by target, and those of each date, in the order of the contests."""
    league: list[Table] = []
    windows: dict[tuple[int, Target], Table] = {}
    for number, target in enumerate(Target):
        report(COMPARING, number, len(Target))
        held = [each for each in contests if each.target is target]
        terms = Terms(
            threshold=recipe.threshold, exponent=recipe.currency.exponent, default=recipe.default(target)
        )
        clients = [window.clients for one in held for each in one.contenders for window in each.windows]
        drawn = resampling(clients, draws=draws)
        together = pooled([one.contenders for one in held])
        days = tuple(one.day for one in held if any(each.windows for each in one.contenders))
        league.append(table(target, days, together, drawn, terms))
        for one in held:
            windows[one.day, target] = table(target, (one.day,), one.contenders, drawn, terms)
    report(COMPARING, len(Target), len(Target))
    return tuple(league), tuple(windows[one.day, one.target] for one in contests)


def _forecasts(rows: pa.Table, contests: Sequence[Contest], threshold: float) -> list[pa.Table]:
    served = {one.target: one.served for one in contests if one.served is not None}
    bounds = next((one.bounds for one in contests if one.bounds is not None), None)
    if not served:
        return []
    columns = {name: pa.nulls(rows.num_rows, PREDICTIONS.field(name).type) for name in PREDICTIONS.names}
    columns["client_id"], columns["as_of_day"] = rows["client_id"], rows["as_of_day"]
    if Target.SALES in served:
        columns["predicted_sales"] = pa.array(served[Target.SALES].astype(np.int64))
    if bounds is not None:
        columns["lower"], columns["upper"] = map(pa.array, bounds)
    if Target.PURCHASE in served:
        columns["purchase_probability"] = pa.array(served[Target.PURCHASE])
        columns["decision"] = pa.array(decision(served[Target.PURCHASE], threshold))
    return [pa.table(columns, schema=PREDICTIONS)]

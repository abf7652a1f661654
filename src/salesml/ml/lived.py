"""Forecasts that were served against what happened: nothing is forecast anew, only judged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from salesml.core.forecasts import ACTIVE_DAYS
from salesml.core.models import Target
from salesml.ml.baselines import evaluate_baselines
from salesml.ml.estimators import RECENCY, TENURE
from salesml.ml.evaluation import DECIDING_METRIC, Metrics, evaluate_purchase, evaluate_sales
from salesml.ml.examples import Examples, Rows, column, load_examples
from salesml.ml.features.engine import Resources
from salesml.ml.features.engine import first_day as first_order_day
from salesml.ml.history import History
from salesml.ml.material import training_days
from salesml.ml.totals import PERIOD_DAYS, client_sales


@dataclass(frozen=True, kw_only=True)
class Lived:
    """What happened after a run: `rows` are its clients by id, `training` what baselines learn their rates
    from (None where the history before it was too short), `others` the net sales in minor units of clients
    who were not known yet, over the 30 days."""

    rows: Rows
    training: Rows | None
    others: int

    @property
    def repeat(self) -> int:
        """Net sales in minor units of the run's clients who had bought lately."""
        recent = column(self.rows.features, RECENCY) <= ACTIVE_DAYS
        return int(self.rows.sales[recent].sum())

    @property
    def reactivated(self) -> int:
        """Net sales in minor units of the run's other clients."""
        return int(self.rows.sales.sum()) - self.repeat


def lived(
    history: History, as_of_day: int, clients: Sequence[int], resources: Resources | None = None
) -> Lived:
    """Labels of exactly these clients at the date, and features of the baselines as they were then."""
    ids = pa.array(sorted(clients), pa.int64())
    # Who was scored counts as known at the date, also where what made him known was taken back since.
    told = pa.table({"client_id": ids, "registered_day": pa.array([as_of_day] * len(ids), pa.int32())})
    known = pa.concat_tables([history.clients.cast(told.schema), told])
    first = first_order_day(history)
    before = () if first is None else training_days(first, as_of_day).before(as_of_day)
    days = {as_of_day, *before}
    examples = load_examples(
        replace(history, clients=known),
        feature_days=days,
        label_days=days,
        wanted=(RECENCY, TENURE),
        resources=resources,
    )
    rows = _only(examples, as_of_day, ids)
    past = client_sales(history, {as_of_day + PERIOD_DAYS: 1}, resources)[as_of_day + PERIOD_DAYS]
    everybody = past.known[0] + past.new[0]
    return Lived(
        rows=rows,
        training=examples.at(before) if before else None,
        others=everybody - int(rows.sales.sum()),
    )


def judge_sales(
    found: Lived, served: pa.Table, *, threshold: float, exponent: int
) -> tuple[Metrics, Mapping[str, Metrics]]:
    """Metrics of the served sales forecasts, their intervals among them, and of the baselines.

    `served` has predicted_sales, lower and upper by client, in minor units.
    """
    actual = found.rows.sales
    metrics = evaluate_sales(actual, served["predicted_sales"].to_numpy(), exponent=exponent)
    told = {
        "deciding_metric": DECIDING_METRIC[Target.SALES],
        "intervals": _coverage(actual, served),
    }
    baselines = _baselines(Target.SALES, found, threshold, exponent)
    return {**metrics, **told}, baselines


def judge_purchase(
    found: Lived, served: pa.Table, *, threshold: float, exponent: int
) -> tuple[Metrics, Mapping[str, Metrics]]:
    """Metrics of the served probabilities, decided by the threshold of their day, and of the baselines.

    `mean_probability` is what was promised on average, `chance` the standard deviation that the observed
    share would have around it if every probability were right.
    """
    probability: NDArray[np.float64] = served["purchase_probability"].to_numpy()
    metrics = evaluate_purchase(found.rows.bought, probability, threshold=threshold)
    spread = float(np.sqrt((probability * (1 - probability)).sum())) / len(probability)
    told = {
        "deciding_metric": DECIDING_METRIC[Target.PURCHASE],
        "mean_probability": float(probability.mean()),
        "chance": spread,
    }
    return {**metrics, **told}, _baselines(Target.PURCHASE, found, threshold, exponent)


def _only(examples: Examples, day: int, ids: pa.Array) -> Rows:
    """The rows of these clients at the day, in their order."""
    rows = examples.at([day])
    place = pc.index_in(ids, value_set=rows.features["client_id"].combine_chunks())
    at = place.to_numpy()
    return Rows(features=rows.features.take(place), sales=rows.sales[at], bought=rows.bought[at])


def _baselines(target: Target, found: Lived, threshold: float, exponent: int) -> Mapping[str, Metrics]:
    if found.training is None:
        return {}
    return evaluate_baselines(target, found.training, found.rows, threshold=threshold, exponent=exponent)


def _coverage(actual: NDArray[np.int64], served: pa.Table) -> Mapping[str, object] | None:
    """Shares of clients within their interval and above it; None where none was told."""
    told = served["upper"].is_valid().to_numpy()
    if not told.any():
        return None
    lower, upper = (served[name].filter(pa.array(told)).to_numpy() for name in ("lower", "upper"))
    happened = actual[told]
    bounded = upper > 0
    return {
        "clients": int(told.sum()),
        "coverage": float(((lower <= happened) & (happened <= upper)).mean()),
        "above": float((happened > upper)[bounded].mean()) if bounded.any() else None,
        "bounded": int(bounded.sum()),
    }

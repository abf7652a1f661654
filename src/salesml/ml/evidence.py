"""What is written down of a version besides its metrics, measured on rows that it did not learn from."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

import numpy as np

from salesml.core.days import date_of
from salesml.core.models import Target
from salesml.ml import drift, intervals
from salesml.ml.calibration import calibration
from salesml.ml.evaluation import Metrics, evaluate_purchase, evaluate_sales
from salesml.ml.intervals import Intervals
from salesml.ml.leakage import suspect
from salesml.ml.reasons import explain
from salesml.ml.rolling import Window
from salesml.ml.windows import Trial, windows_of

Evidence = dict[str, object]
_EXPLAINED = 20_000
"""Clients enough for a mean over clients."""


def evidence(found: Sequence[Trial], *, threshold: float, exponent: int) -> Evidence:
    """JSON-ready: `windows` with their metrics, newest first (of sales also with both totals in minor units),
    the `suspicion` of a leak if there is one, the `importance` of features and the `reference` of their
    drift, `calibration` of probabilities, `intervals` as they fared out of time.

    The reference is of the clients at the newest date that the version learns from: against older ones even
    a shop in which nothing changes would drift.
    """
    windows = windows_of(found)
    suspicion = suspect(windows)
    newest = found[0]
    shown: Evidence = {
        "windows": [_window(each, threshold, exponent) for each in windows],
        "suspicion": None if suspicion is None else asdict(suspicion),
        "importance": _importance(newest),
        "reference": drift.reference([newest.window.rows.features], newest.window.features),
    }
    if newest.window.target is Target.PURCHASE:
        return {**shown, "calibration": asdict(calibration(windows))}
    return {**shown, "intervals": out_of_time(windows, exponent)}


def out_of_time(windows: Sequence[Window], exponent: int) -> Mapping[str, object] | None:
    """How intervals fitted on the older windows fared at the newest one; None with too little for that."""
    older = intervals.fit(windows[1:]) if len(windows) > 1 else None
    return None if older is None else {**intervals.measure(older, windows[0], exponent)}


def fitted_intervals(windows: Sequence[Window]) -> Intervals | None:
    """What turns the forecasts of the version that serves into bounds: learned from every window."""
    return intervals.fit(windows) if windows[0].target is Target.SALES else None


def measured(window: Window, *, threshold: float, exponent: int) -> Metrics:
    """The metrics of one window, on the values that would have been served."""
    if window.target is Target.SALES:
        predicted = window.predicted.astype(np.int64)
        return evaluate_sales(window.rows.sales, predicted, exponent=exponent)
    return evaluate_purchase(window.rows.bought, window.predicted, threshold=threshold)


def _window(window: Window, threshold: float, exponent: int) -> Mapping[str, object]:
    return {
        "as_of": date_of(window.day).isoformat(),
        "clients": len(window.rows.sales),
        "metrics": measured(window, threshold=threshold, exponent=exponent),
        **_totals(window),
    }


def _importance(trial: Trial) -> Mapping[str, float]:
    """By feature, how much it moved forecasts at the judge date, in the mean: minor units, or probability."""
    every = max(1, len(trial.window.rows.sales) // _EXPLAINED)
    rows = trial.window.rows.features.take(np.arange(0, len(trial.window.rows.sales), every))
    return explain(trial.fit.target, trial.fit.pipeline, trial.fit.features, rows).importance


def _totals(window: Window) -> Mapping[str, object]:
    if window.target is not Target.SALES:
        return {}
    predicted = window.predicted.astype(np.int64)
    return {"predicted_total": int(predicted.sum()), "actual_total": int(window.rows.sales.sum())}

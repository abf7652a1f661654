from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from salesml.core.models import Target
from salesml.ml import bootstrap
from salesml.ml.bootstrap import Resampling, drawn_metrics, interval, resampling
from salesml.ml.evaluation import METRICS, Judged, NotDefinedError
from salesml.ml.prediction import decision

ROWS = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 6), st.integers(0, 3), st.booleans()), min_size=1, max_size=25
)
"""Weight, level of forecast, level of sales, whether he bought: few levels, so that many are equal."""


def judged_of(target: Target, forecast: list[int], sales: list[int], bought: list[bool]) -> Judged:
    if target is Target.SALES:
        actual = np.array(sales, dtype=np.float64) * 12.5
        return Judged(
            actual=actual, predicted=np.array(forecast) * 7.25, decided=np.empty(0, np.int8), threshold=0.0
        )
    probability = np.array(forecast, dtype=np.float64) / 6
    return Judged(
        actual=np.array(bought, dtype=np.float64),
        predicted=probability,
        decided=decision(probability, 0.5),
        threshold=0.5,
    )


def repeated(judged: Judged, times: list[int]) -> Judged:
    return Judged(
        actual=np.repeat(judged.actual, times),
        predicted=np.repeat(judged.predicted, times),
        decided=np.repeat(judged.decided, times) if len(judged.decided) else judged.decided,
        threshold=judged.threshold,
    )


def by_evaluation(target: Target, judged: Judged) -> dict[str, float]:
    found: dict[str, float] = {}
    for metric in METRICS[target]:
        if metric.name in drawn_metrics(target):
            try:
                found[metric.name] = float(str(metric.compute(judged)))
            except NotDefinedError:
                found[metric.name] = float("nan")
    return found


def by_weights(target: Target, judged: Judged, times: list[int]) -> Mapping[str, float]:
    rows = np.arange(len(times))
    return bootstrap._WEIGHTED[target](judged, rows)(np.array(times, dtype=np.uint8))


@pytest.mark.parametrize("target", list(Target))
@given(rows=ROWS.filter(lambda rows: any(row[0] for row in rows)))
@settings(max_examples=80, deadline=None)
def test_a_weight_counts_as_that_many_rows(target: Target, rows: list[tuple[int, int, int, bool]]) -> None:
    times, forecast, sales, bought = (list(column) for column in zip(*rows, strict=True))
    judged = judged_of(target, forecast, sales, bought)
    expected = by_evaluation(target, repeated(judged, times))
    found = by_weights(target, judged, times)
    assert set(found) == set(drawn_metrics(target))
    assert dict(found) == pytest.approx(expected, nan_ok=True, rel=1e-9, abs=1e-9)


def test_all_rows_of_a_client_are_drawn_together() -> None:
    shop = resampling([np.array([7, 3]), np.array([7, 9])])
    assert shop.clients.tolist() == [3, 7, 9]
    weights = shop.weights[0]
    judged = judged_of(Target.SALES, [1, 2, 3], [1, 0, 2], [])
    times = weights[[1, 0, 1]].tolist()
    drawn = shop.resample(Target.SALES, np.array([7, 3, 7]), judged)
    expected = by_evaluation(Target.SALES, repeated(judged, times))
    assert drawn["mae"][0] == pytest.approx(expected["mae"])


def test_the_same_clients_give_the_same_draws() -> None:
    rng = np.random.default_rng(1)
    ids = np.arange(300)
    judged = judged_of(
        Target.PURCHASE, rng.integers(0, 6, 300).tolist(), [], (rng.random(300) < 0.2).tolist()
    )
    first, second = (resampling([ids], draws=20).resample(Target.PURCHASE, ids, judged) for _ in range(2))
    for name, values in first.items():
        assert np.array_equal(values, second[name], equal_nan=True)
    assert len({*first["log_loss"]}) == 20


def test_intervals_of_a_mean_error_hold_the_truth_about_as_often_as_they_say() -> None:
    rng = np.random.default_rng(11)
    clients, held = 100, 0
    for seed in range(120):
        # Two rows of one client err alike, so that drawing rows would give intervals too narrow by a third.
        error = np.repeat(rng.exponential(10.0, clients), 2)
        judged = Judged(
            actual=np.zeros(2 * clients), predicted=error, decided=np.empty(0, np.int8), threshold=0.0
        )
        ids = np.repeat(np.arange(clients), 2)
        drawn = Resampling(clients=np.arange(clients), draws=100, seed=seed).resample(
            Target.SALES, ids, judged
        )
        found = interval(drawn["mae"])
        assert found is not None
        held += found[0] <= 10 <= found[1]
    assert 0.87 <= held / 120 <= 0.99


def test_a_difference_of_two_forecasts_of_the_same_clients_is_sharper_than_either() -> None:
    rng = np.random.default_rng(3)
    ids, actual = np.arange(500), rng.exponential(100, 500)
    ours, theirs = actual * 0.5, actual * 0.52
    shop = resampling([ids], draws=100)

    def mae(predicted: NDArray[np.float64]) -> NDArray[np.float64]:
        judged = Judged(actual=actual, predicted=predicted, decided=np.empty(0, np.int8), threshold=0.0)
        return shop.resample(Target.SALES, ids, judged)["mae"]

    alone, paired = interval(mae(ours)), interval(mae(ours) - mae(theirs))
    assert alone is not None
    assert paired is not None
    assert paired[1] - paired[0] < (alone[1] - alone[0]) / 10
    assert paired[0] > 0


def test_a_metric_without_a_value_in_most_draws_has_no_interval() -> None:
    assert interval(np.array([1.0, np.nan, np.nan])) is None
    assert interval(np.array([1.0, 1.0, np.nan])) == (1.0, 1.0)

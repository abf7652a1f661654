from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest

from salesml.core.models import Target
from salesml.ml.baselines import (
    average_client,
    base_rate,
    by_recency,
    evaluate_baselines,
    mean_spend,
    repeat_last_14_days,
    repeat_last_30_days,
    verdict,
)
from salesml.ml.examples import Rows


def _rows(recent: Sequence[int], bought: Sequence[int]) -> Rows:
    count = len(recent)
    table = pa.table(
        {
            "tenure_months": pa.array([1.0] * count),
            "net_sales_30d": pa.array([100] * count, pa.int64()),
            "net_sales_total": pa.array([100] * count, pa.int64()),
            "bought_14d": pa.array(recent, pa.int64()),
            "days_since_last_purchase": pa.array([5.0 if each else 50.0 for each in recent]),
        }
    )
    return Rows(features=table, sales=np.zeros(count, dtype=np.int64), bought=np.array(bought, dtype=np.int8))


def test_mean_spend_is_per_thirty_days_of_life_and_a_life_has_thirty_at_least() -> None:
    table = pa.table(
        {
            "tenure_months": pa.array([90 / 30.4375, 10 / 30.4375, 60 / 30.4375]),
            "net_sales_total": pa.array([9_000, 500, -300], pa.int64()),
        }
    )
    assert mean_spend(_rows([], []), table).tolist() == [3_000, 500, 0]


def test_repeating_the_last_thirty_days_never_forecasts_below_zero() -> None:
    table = pa.table({"net_sales_30d": pa.array([1_234, -50, 0], pa.int64())})
    assert repeat_last_30_days(_rows([], []), table).tolist() == [1_234, 0, 0]


def test_purchase_baselines_learn_their_rates_from_the_training_rows() -> None:
    training = _rows([1, 1, 0, 0, 0], [1, 0, 1, 0, 0])
    table = _rows([0, 1], [0, 0]).features
    assert base_rate(training, table).tolist() == [0.4, 0.4]
    assert repeat_last_14_days(training, table).tolist() == pytest.approx([1 / 3, 1 / 2])


def _recencies(days: Sequence[float | None], bought: Sequence[int]) -> Rows:
    table = pa.table({"days_since_last_purchase": pa.array(days, pa.float64())})
    count = len(bought)
    return Rows(features=table, sales=np.zeros(count, dtype=np.int64), bought=np.array(bought, dtype=np.int8))


def test_clients_who_bought_about_as_long_ago_get_the_rate_of_their_like() -> None:
    training = _recencies([*range(100), None, None, None, None], [1] * 10 + [0] * 90 + [1, 0, 0, 0])
    asked = _recencies([0.0, 9.0, 11.0, 500.0, None], [0] * 5).features
    assert by_recency(training, asked).tolist() == [1.0, 1.0, 0.0, 0.0, 0.25]


def test_where_nobody_ever_bought_every_client_gets_the_base_rate() -> None:
    training = _recencies([None] * 4, [1, 0, 0, 0])
    assert by_recency(training, _recencies([None, 3.0], [0, 0]).features).tolist() == [0.25, 0.25]


def test_the_average_client_is_the_mean_of_training_and_never_below_zero() -> None:
    training = _rows([0, 0], [0, 0])
    table = _rows([1, 1, 1], [0, 0, 0]).features
    for sales, expected in (([100, 301], 200), ([-100, 0], 0)):
        rows = Rows(features=training.features, sales=np.array(sales), bought=training.bought)
        assert average_client(rows, table).tolist() == [expected] * 3


def test_a_group_that_training_never_saw_gets_the_base_rate() -> None:
    training = _rows([0, 0, 0, 0], [1, 0, 0, 0])
    assert repeat_last_14_days(training, _rows([1], [0]).features).tolist() == [0.25]


@pytest.mark.parametrize("target", list(Target))
def test_baselines_are_measured_like_models(target: Target) -> None:
    rows = _rows([1, 0, 0], [1, 0, 0])
    measured = evaluate_baselines(target, rows, rows, threshold=0.7, exponent=2)
    names = {
        Target.SALES: ["repeat_last_30_days", "mean_spend", "average_client"],
        Target.PURCHASE: ["base_rate", "repeat_last_14_days", "by_recency"],
    }
    assert list(measured) == names[target]
    assert all(metrics["n"] == 3 for metrics in measured.values())


@pytest.mark.parametrize(
    ("rmse", "expected"),
    [(1.9, None), (2.0, "not better than mean_spend"), (5.0, "not better than mean_spend")],
)
def test_the_verdict_names_the_best_baseline_that_was_not_beaten(rmse: float, expected: str | None) -> None:
    baselines: dict[str, dict[str, object]] = {
        "repeat_last_30_days": {"rmse": 3.0, "r2": 0.9},
        "mean_spend": {"rmse": 2.0, "r2": 0.1},
    }
    assert verdict(Target.SALES, {"rmse": rmse, "r2": 0.0}, baselines) == expected


def test_purchase_models_are_compared_by_log_loss() -> None:
    baselines: dict[str, dict[str, object]] = {"base_rate": {"log_loss": 0.5, "roc_auc": 0.5}}
    assert verdict(Target.PURCHASE, {"log_loss": 0.4, "roc_auc": 0.4}, baselines) is None
    better_rank: dict[str, object] = {"log_loss": 0.6, "roc_auc": 0.9}
    assert verdict(Target.PURCHASE, better_rank, baselines) == "not better than base_rate"

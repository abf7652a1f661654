import json
from collections.abc import Sequence

import numpy as np
import pytest

from salesml.core.models import Target
from salesml.ml.evaluation import DECIDING_METRIC, METRICS, Metrics, evaluate_purchase, evaluate_sales


def _sales(actual: Sequence[int], predicted: Sequence[int], exponent: int = 2) -> Metrics:
    return evaluate_sales(np.array(actual), np.array(predicted), exponent=exponent)


def _purchase(bought: Sequence[int], probability: Sequence[float], threshold: float = 0.7) -> Metrics:
    return evaluate_purchase(np.array(bought, dtype=np.int8), np.array(probability), threshold=threshold)


def test_sales_metrics_are_in_major_units() -> None:
    metrics = _sales([10_000, 0, 20_000], [7_000, 1_000, 20_000])
    assert metrics["mae"] == pytest.approx(40 / 3)
    assert metrics["mse"] == pytest.approx(1_000 / 3)
    assert metrics["rmse"] == pytest.approx((1_000 / 3) ** 0.5)
    assert metrics["r2"] == pytest.approx(1 - 1_000 / 20_000)
    assert metrics["aggregate_error"] == pytest.approx(280 / 300 - 1)
    assert metrics["n"] == 3
    assert metrics["reasons"] == {}


def test_a_currency_without_decimals_keeps_its_units() -> None:
    assert _sales([100, 0], [90, 0], exponent=0)["mae"] == 5.0


def test_without_actual_sales_ratios_are_null_with_their_reason() -> None:
    metrics = _sales([0, 0], [100, 0])
    assert metrics["aggregate_error"] is None
    assert metrics["r2"] is None
    assert metrics["reasons"] == {
        "r2": "actual sales do not differ between clients",
        "aggregate_error": "actual sales add up to 0",
        **dict.fromkeys(("wape", "gini", "top_decile_capture"), "actual sales do not add up to more than 0"),
    }


def test_purchase_metrics_by_hand() -> None:
    metrics = _purchase([1, 1, 0, 0, 0], [0.9, 0.4, 0.7, 0.2, 0.1])
    assert metrics["confusion_matrix"] == {"tn": 2, "fp": 1, "fn": 1, "tp": 1}
    assert metrics["accuracy"] == pytest.approx(0.6)
    assert metrics["precision"] == pytest.approx(0.5)
    assert metrics["recall"] == pytest.approx(0.5)
    assert metrics["roc_auc"] == pytest.approx(5 / 6)
    assert metrics["average_precision"] == pytest.approx((1 + 2 / 3) / 2)
    assert metrics["brier"] == pytest.approx((0.01 + 0.36 + 0.49 + 0.04 + 0.01) / 5)
    expected = -np.mean(np.log([0.9, 0.4, 0.3, 0.8, 0.9]))
    assert metrics["log_loss"] == pytest.approx(expected)
    assert metrics["base_rate"] == pytest.approx(0.4)
    assert metrics["threshold"] == 0.7


def test_precision_is_null_with_the_reason_when_nobody_reaches_the_threshold() -> None:
    metrics = _purchase([1, 0], [0.69, 0.2])
    assert metrics["precision"] is None
    assert metrics["recall"] == 0.0
    assert metrics["reasons"] == {"precision": "no client reaches the threshold 0.70"}


@pytest.mark.parametrize(("bought", "reason"), [(0, "nobody bought"), (1, "everybody bought")])
def test_ranking_is_null_with_the_reason_when_all_clients_are_alike(bought: int, reason: str) -> None:
    metrics = _purchase([bought] * 3, [0.1, 0.5, 0.8])
    reasons = metrics["reasons"]
    assert metrics["roc_auc"] is None
    assert isinstance(reasons, dict)
    assert reasons["roc_auc"] == reason


def test_every_metric_is_plain_json_without_nan() -> None:
    for metrics in (_sales([0, 0], [0, 0]), _purchase([0, 0], [0.1, 0.1]), _purchase([1, 1], [1.0, 1.0])):
        json.dumps(metrics, allow_nan=False)


@pytest.mark.parametrize("target", list(Target))
def test_the_deciding_metric_is_in_the_table_and_better_when_lower(target: Target) -> None:
    table = {metric.name: metric for metric in METRICS[target]}
    assert len(table) == len(METRICS[target])
    assert table[DECIDING_METRIC[target]].better == "lower"


def test_the_best_f1_is_found_among_the_probabilities_that_occur() -> None:
    metrics = _purchase([1, 1, 0, 0, 0], [0.9, 0.4, 0.6, 0.2, 0.1])
    assert metrics["best_f1"] == pytest.approx(
        {"threshold": 0.4, "precision": 2 / 3, "recall": 1.0, "f1": 0.8}
    )
    # Deciding by that very threshold gives what it promises.
    again = _purchase([1, 1, 0, 0, 0], [0.9, 0.4, 0.6, 0.2, 0.1], threshold=0.4)
    assert (again["precision"], again["recall"]) == (pytest.approx(2 / 3), 1.0)


def test_of_equally_good_thresholds_the_highest_is_taken() -> None:
    best = _purchase([1, 0, 0, 1], [0.9, 0.8, 0.7, 0.6])["best_f1"]
    assert best == pytest.approx({"threshold": 0.9, "precision": 1.0, "recall": 0.5, "f1": 2 / 3})


def test_without_buyers_there_is_no_best_threshold() -> None:
    metrics = _purchase([0, 0], [0.4, 0.2])
    assert metrics["best_f1"] is None
    assert isinstance(metrics["reasons"], dict)
    assert metrics["reasons"]["best_f1"] == "nobody bought"

from typing import Any

import numpy as np
import pyarrow as pa

from salesml.ml.prediction import decision, predict_purchase, predict_sales


class Echo:
    """A pipeline that answers its first column."""

    def predict(self, rows: Any) -> Any:
        return rows[:, 0]

    def predict_proba(self, rows: Any) -> Any:
        return np.column_stack([1 - rows[:, 0], rows[:, 0]])


def _table(values: list[float]) -> pa.Table:
    return pa.table({"visits_7d": pa.array(values, pa.float64())})


def test_sales_are_floored_at_zero_and_rounded_half_even_to_minor_units() -> None:
    sales = predict_sales(Echo(), ("visits_7d",), _table([-3.2, -0.4, 0.5, 1.5, 2.5, 7.51]))
    assert sales.tolist() == [0, 0, 0, 2, 2, 8]
    assert sales.dtype == np.int64


def test_the_probability_is_that_of_a_purchase() -> None:
    assert predict_purchase(Echo(), ("visits_7d",), _table([0.25])).tolist() == [0.25]


def test_no_clients_give_no_forecasts() -> None:
    assert predict_sales(Echo(), ("visits_7d",), _table([])).tolist() == []
    assert predict_purchase(Echo(), ("visits_7d",), _table([])).tolist() == []


def test_a_probability_at_the_threshold_is_a_yes() -> None:
    assert decision(np.array([0.69999, 0.7, 0.8]), 0.7).tolist() == [0, 1, 1]

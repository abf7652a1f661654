import pyarrow as pa
import pytest

from salesml.core.models import Target
from salesml.ml.examples import Examples, by_day, matrix


def _keys(days: list[int], clients: list[int]) -> pa.Table:
    return pa.table({"as_of_day": pa.array(days, pa.int32()), "client_id": pa.array(clients, pa.int64())})


def _labels(clients: list[int]) -> pa.Table:
    count = len(clients)
    return (
        _keys([1] * count, clients)
        .append_column("sales", pa.array([100 * client for client in clients], pa.int64()))
        .append_column("bought", pa.array([client % 2 for client in clients], pa.int8()))
    )


def test_rows_of_a_date_come_by_client_in_whatever_order_they_were_computed() -> None:
    parts = by_day(_keys([2, 1, 2, 1], [5, 4, 3, 2]), [1, 2, 3])
    assert {day: part["client_id"].to_pylist() for day, part in parts.items()} == {
        1: [2, 4],
        2: [3, 5],
        3: [],
    }


def test_dates_are_stacked_in_time_order() -> None:
    days = {1: _keys([1, 1], [7, 8]), 2: _keys([2], [9])}
    rows = Examples(features=days, labels={1: _labels([7, 8]), 2: _labels([9])}).at([2, 1, 2])
    assert rows.features["client_id"].to_pylist() == [7, 8, 9]
    assert rows.label(Target.SALES).tolist() == [700.0, 800.0, 900.0]
    assert rows.label(Target.PURCHASE).tolist() == [1.0, 0.0, 1.0]


def test_labels_of_other_clients_are_refused() -> None:
    with pytest.raises(ValueError, match="not of the same clients"):
        Examples(features={1: _keys([1, 1], [7, 8])}, labels={1: _labels([7, 9])}).at([1])


def test_a_matrix_has_the_columns_a_pipeline_reads() -> None:
    table = pa.table(
        {"days_since_last_purchase": pa.array([1.0, None]), "tenure_months": pa.array([3.0, 4.0])}
    )
    filled = matrix(table, ("days_since_last_purchase",))
    assert filled[0].tolist() == [1.0, 3.0]
    assert filled[1, 0] != filled[1, 0]

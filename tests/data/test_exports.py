"""Scores on their way out."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from salesml.core.days import parse_day
from salesml.core.errors import InvalidValue
from salesml.core.money import Currency
from salesml.data import exports
from salesml.data.exports import write_scores


def scores() -> pa.Table:
    return pa.table(
        {
            "client_id": ["007", 'a,"b"'],
            "as_of": pa.array([parse_day("2026-01-31")] * 2, pa.int32()),
            "predicted_sales": pa.array([1230, -5], pa.int64()),
            "lower": pa.array([None, 10**15], pa.int64()),
            "purchase_probability": [0.25, 1.0],
            "decision": pa.array([0, 1], pa.int8()),
        }
    )


def test_csv_has_major_units_and_iso_dates(tmp_path: Path) -> None:
    path = tmp_path / "scores.csv"
    write_scores(scores(), path, Currency("PLN"))
    header, *rows = path.read_text().splitlines()
    assert header.replace('"', "") == "client_id,as_of,predicted_sales,lower,purchase_probability,decision"
    assert rows == [
        '"007",2026-01-31,12.30,,0.25,0',
        '"a,""b""",2026-01-31,-0.05,10000000000000.00,1,1',
    ]


@pytest.mark.parametrize(
    ("code", "text"), [("JPY", "1230"), ("PLN", "12.30"), ("KWD", "1.230"), ("CLF", "0.1230")]
)
def test_parquet_has_the_decimals_of_the_currency(tmp_path: Path, code: str, text: str) -> None:
    path = tmp_path / "scores.PARQUET"
    write_scores(scores(), path, Currency(code))
    table = pq.read_table(path)
    assert str(table["predicted_sales"][0].as_py()) == text
    assert table["as_of"][0].as_py().isoformat() == "2026-01-31"


@pytest.mark.parametrize(
    ("name", "said"), [("scores.xlsx", r"\.csv or \.parquet"), ("none/scores.csv", "is not a folder")]
)
def test_other_endings_and_folders_are_refused(tmp_path: Path, name: str, said: str) -> None:
    with pytest.raises(InvalidValue, match=said):
        write_scores(scores(), tmp_path / name, Currency("PLN"))


def test_a_failed_export_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "scores.csv"
    path.write_text("old")

    def fails(_: Any, partial: Path) -> None:
        partial.write_text("half")
        raise OSError("disk full")

    monkeypatch.setattr(exports, "WRITERS", {".csv": fails})
    with pytest.raises(OSError, match="disk full"):
        write_scores(scores(), path, Currency("PLN"))
    assert path.read_text() == "old"
    assert [each.name for each in tmp_path.iterdir()] == ["scores.csv"]

"""Scores on their way out."""

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import fastexcel
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from salesml.core.days import parse_day
from salesml.core.errors import InvalidValue
from salesml.core.exports import ExportColumn, ExportFormat, Holds
from salesml.core.money import Currency
from salesml.data import exports, workbooks
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


FORMULAS = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\tx", "\rx", "=", "-"]
PLAIN = ["-5", "+48600700800", "-12.30", "-12,30", "a=b", "1-2", "", " =1", "anna@x.pl"]


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_gets_an_apostrophe(text: str) -> None:
    assert exports.harmless(pa.chunked_array([[text]])).to_pylist() == [f"'{text}"]


@pytest.mark.parametrize("text", [*PLAIN, None])
def test_a_number_and_any_other_text_stay_as_they_are(text: str | None) -> None:
    assert exports.harmless(pa.chunked_array([pa.array([text], pa.string())])).to_pylist() == [text]


def test_scores_in_csv_are_harmless_as_well(tmp_path: Path) -> None:
    table = scores().set_column(0, "client_id", pa.array(["=1+1", "-5"]))
    write_scores(table, tmp_path / "scores.csv", Currency("PLN"))
    assert [line.split(",")[0] for line in (tmp_path / "scores.csv").read_text().splitlines()[1:]] == [
        '"\'=1+1"',
        '"-5"',
    ]


def test_a_long_table_goes_on_in_another_sheet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "SHEET_ROWS", 3)
    columns = [ExportColumn(name="n", holds=Holds.WHOLE)]
    path, zone = tmp_path / "long.xlsx", ZoneInfo("Europe/Warsaw")
    with path.open("wb") as file:
        told = {"currency": Currency("PLN"), "zone": zone, "folder": tmp_path / "scratch"}
        with exports.writing(file, ExportFormat.XLSX, columns, **told) as write:  # type: ignore[arg-type]
            write(pa.table({"n": pa.array([1, 2], pa.int64())}))
            write(pa.table({"n": pa.array([3, 4, 5], pa.int64())}))
    book = fastexcel.read_excel(path)
    sheets = [book.load_sheet(name).to_arrow().column(0).to_pylist() for name in book.sheet_names]
    assert sheets == [[1, 2, 3], [4, 5]]

"""Files without a header, workbooks, JSON Lines and archives."""

import gzip
import io
import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from salesml.core.errors import Ambiguous, ColumnsMissing, FileUnreadable, InvalidValue
from salesml.core.imports import ImportKind

Stage = Callable[..., Any]
Write = Callable[..., Path]
HEADER = "order_id,client_id,ordered_at,amount\n"
ROWS = "1,a,2026-01-02,3.50\n2,b,2026-01-03,4\n"
BY_PLACE = {"client_id": "column 2", "ordered_at": "column 3", "amount": "column 4"}
JANUARY = datetime(2026, 1, 2, 10, 5)  # noqa: DTZ001 - Excel knows no zones


def workbook(path: Path, sheets: Mapping[str, Sequence[Sequence[object]]]) -> Path:
    book = xlsxwriter.Workbook(path, {"default_date_format": "dd.mm.yyyy hh:mm"})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    book.close()
    return path


def zipped(members: Mapping[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return buffer.getvalue()


def amounts(result: Any) -> list[tuple[str | None, int]]:
    return [(each["client_external_id"], each["amount"]) for each in result.good]


def test_a_file_without_a_header_has_columns_by_place(stage: Stage, write: Write) -> None:
    with pytest.raises(ColumnsMissing, match="column 1, column 2, column 3, column 4"):
        stage(ROWS)
    result = stage(ROWS, mapping=BY_PLACE)
    assert amounts(result) == [("a", 350), ("b", 400)]
    assert [each["row"] for each in result.good] == [1, 2]
    assert (result.reading.header, result.staged.rows) == (False, 2)


def test_whether_there_is_a_header_can_be_chosen(stage: Stage) -> None:
    names = "north,south,2026-01-02,5\n"
    assert len(stage(HEADER + ROWS, header=True).good) == 2
    result = stage(names + ROWS, header=False, mapping=BY_PLACE)
    assert amounts(result) == [("south", 500), ("a", 350), ("b", 400)]
    years = "2024,2025,2026,2027\n"
    chosen = {"client_id": "2025", "ordered_at": "2026", "amount": "2027"}
    assert amounts(stage(years + ROWS, header=True, mapping=chosen)) == [("a", 350), ("b", 400)]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_white_space_of_any_width_separates(stage: Stage, end: str) -> None:
    good = [f"  {number:03} \t 20260102   {number}.50 " for number in range(1, 20)]
    text = end.join([" client_id  ordered_at amount ", *good, "020 20260104", ""])
    result = stage(text)
    assert result.reading.separator == " "
    assert amounts(result) == [(f"{number:03}", number * 100 + 50) for number in range(1, 20)]
    assert result.codes == [(20, "row", "malformed_row")]
    assert result.rejected[0]["record"] == "020,20260104"


def test_white_space_holds_over_many_blocks(stage: Stage) -> None:
    rows = "".join(f"  {n:05}   20260102    {n % 7}.25 \n" for n in range(1, 120_001))
    result = stage(f"client_id ordered_at amount\n{rows}")
    assert (result.staged.rows, len(result.good)) == (120_000, 120_000)
    assert all(int(each["client_external_id"]) == each["row"] for each in result.good)


@pytest.mark.parametrize(
    "preamble", ["sep=;\r\n", "\ufeffsep=;\n", "# Exported by a shop\n#\n# 2026-01-01, all\n\n", "\n\n"]
)
def test_what_programs_write_above_the_header_is_passed_over(stage: Stage, preamble: str) -> None:
    result = stage(preamble + (HEADER + ROWS).replace(",", ";"))
    assert amounts(result) == [("a", 350), ("b", 400)]
    assert result.reading.columns == ("order_id", "client_id", "ordered_at", "amount")


def test_a_column_called_by_a_hash_is_no_comment(stage: Stage) -> None:
    assert (
        stage(f"#,{HEADER}" + "".join(f"{n},{n},a,2026-01-02,1\n" for n in (1, 2))).reading.columns[0] == "#"
    )


def test_a_workbook_gives_its_dates_numbers_and_texts(stage: Stage, tmp_path: Path) -> None:
    rows: list[Sequence[object]] = [
        ["Orders of January"],
        [],
        ["order_id", "client_id", "ordered_at", "amount", "note"],
        [1, "007", JANUARY, 19.99, None],
        [2, 42, JANUARY, 1.234, "=1+1"],
        [],
        [3, None, JANUARY, -5, "x"],
        ["4", "ż", JANUARY, "", None],
    ]
    path = workbook(tmp_path / "book.xlsx", {"Cover": [["Hello"]], "Orders": rows})
    result = stage(path, decimal="comma")
    assert (result.reading.format, result.reading.sheet) == ("xlsx", "Orders")
    assert amounts(result) == [("007", 1999), ("42", 123), (None, -500)]
    assert {each["order_id"] for each in result.good} == {"1", "2", "3"}
    assert {each["ordered_at"] for each in result.good} == {
        int(datetime(2026, 1, 2, 9, 5, tzinfo=UTC).timestamp())
    }
    assert result.codes == [(4, "amount", "missing")]
    assert result.rejected[0]["record"] == "4,ż,2026-01-02 10:05:00,,"


def test_a_sheet_can_be_chosen(stage: Stage, tmp_path: Path) -> None:
    def sheet(client: str) -> Sequence[Sequence[object]]:
        return [["client_id", "ordered_at", "amount"], [client, "2026-01-02", 1], [client, "2026-01-03", 2]]

    path = workbook(tmp_path / "two.xlsx", {"First": sheet("a"), "Second": sheet("b")})
    assert amounts(stage(path)) == [("a", 100), ("a", 200)]
    assert amounts(stage(path, sheet="Second")) == [("b", 100), ("b", 200)]
    with pytest.raises(InvalidValue, match="choose from First, Second"):
        stage(path, sheet="Third")


def test_texts_that_look_like_dates_and_numbers_of_a_workbook_are_read_as_in_a_csv(
    stage: Stage, tmp_path: Path
) -> None:
    rows: list[Sequence[object]] = [["client_id", "ordered_at", "amount"]]
    rows += [["a", "14-Jan-15", "1 234,56 zł"], ["b", "15-Jan-15", "2.000"]]
    result = stage(workbook(tmp_path / "texts.xlsx", {"S": rows}))
    assert (result.reading.date_format, result.reading.decimal) == ("text", "comma")
    assert amounts(result) == [("a", 123_456), ("b", 200_000)]
    alone: list[Sequence[object]] = [["client_id", "ordered_at", "amount"], ["a", "14-Jan-15", "1,234"]]
    with pytest.raises(Ambiguous):
        stage(workbook(tmp_path / "alone.xlsx", {"S": [*alone, ["b", "14-Jan-15", 15]]}))


def test_a_workbook_without_a_table_is_refused(stage: Stage, tmp_path: Path) -> None:
    with pytest.raises(FileUnreadable, match="no table of two columns and two rows"):
        stage(workbook(tmp_path / "none.xlsx", {"A": [["Hello"]], "B": []}))


def test_json_lines_keep_every_digit(stage: Stage) -> None:
    records = [
        '{"order_id": 1, "client_id": "007", "ordered_at": "2026-01-02", "amount": 1.234}',
        '{"amount": 9007199254740993.25, "client_id": 1234567890123456789, "ordered_at": "2026-01-02"}',
        "",
        '{"client_id": null, "ordered_at": "2026-01-02T10:05:00Z", "amount": 1e1, "lines": [1, 2]}',
        '{"client_id": "c", "ordered_at": "2026-01-02", "amount": 1.5E-1, "vip": true}',
    ]
    result = stage("\ufeff" + "\n".join(records), currency="BHD")
    assert result.reading.format == "jsonl"
    assert amounts(result) == [("007", 1234), (None, 10_000), ("c", 150)]
    assert result.codes == [(2, "amount", "out_of_range")]


def test_lines_that_are_no_objects_are_set_aside(stage: Stage) -> None:
    good = {"client_id": "a", "ordered_at": "2026-01-02", "amount": 5}
    lines = [json.dumps(good), "[1, 2]", '{"client_id": "b"', "[" * 100_000, json.dumps(good)]
    result = stage("\n".join(lines))
    assert result.codes == [(row, "row", "malformed_row") for row in (2, 3, 4)]
    assert result.rejected[0]["reason"] == "is no JSON object"
    assert len(result.rejected[2]["record"]) == 4000
    assert [each["row"] for each in result.good] == [1, 5]


def test_nested_values_are_refused_by_name(stage: Stage) -> None:
    record = {"client_id": {"id": 7}, "ordered_at": "2026-01-02", "amount": 5}
    with pytest.raises(FileUnreadable, match="'client_id' for client_id has type list or object"):
        stage(json.dumps(record))
    late = [json.dumps(record | {"client_id": "a"})] * 10_001 + [json.dumps(record)]
    result = stage("\n".join(late))
    assert result.codes == [(10_002, "row", "malformed_row")]
    assert "'client_id'" in result.rejected[0]["reason"]


def test_a_json_document_is_refused_with_advice(stage: Stage) -> None:
    with pytest.raises(FileUnreadable, match="one object a line"):
        stage('[{"client_id": "a"}]')


@pytest.mark.parametrize("pack", [gzip.compress, lambda raw: zipped({"orders.csv": raw.decode()})])
def test_a_packed_file_is_the_file_inside(stage: Stage, pack: Callable[[bytes], bytes]) -> None:
    assert amounts(stage(pack((HEADER + ROWS).encode()))) == [("a", 350), ("b", 400)]


def test_files_of_an_archive_are_read_one_after_the_other(stage: Stage) -> None:
    members = {
        "2026/01.csv": HEADER + ROWS,
        "__MACOSX/2026/._01.csv": "\0\0",
        "2026/.DS_Store": "\0",
        "2026/02.csv": HEADER + "3,c,2026-02-02,5\n4,d\n4,d,2026-02-03,6\n",
    }
    result = stage(zipped(members))
    assert amounts(result) == [("a", 350), ("b", 400), ("c", 500), ("d", 600)]
    assert [each["row"] for each in result.good] == [1, 2, 3, 5]
    assert [(each["row"], each["record"]) for each in result.rejected] == [(4, "4,d")]


def test_an_archive_of_unlike_files_is_refused(stage: Stage) -> None:
    members = {"a.csv": HEADER + ROWS, "b.csv": "client_id,name\n1,x\n"}
    with pytest.raises(FileUnreadable, match=r"\(b.csv\) has other columns than .*\(a.csv\)"):
        stage(zipped(members))


def test_json_lines_in_an_archive_are_read(stage: Stage) -> None:
    line = '{"client_id": "a", "ordered_at": "2026-01-02", "amount": 5}\n'
    assert amounts(stage(zipped({"1.jsonl": line, "2.jsonl": line}))) == [("a", 500), ("a", 500)]


def test_every_kind_of_file_of_clients_is_read(stage: Stage, tmp_path: Path) -> None:
    rows: list[Sequence[object]] = [["client_id", "first_name"], ["a", "Zoë"], ["b", "Łucja"]]
    path = workbook(tmp_path / "clients.xlsx", {"S": rows})
    assert [each["first_name"] for each in stage(path, ImportKind.CLIENTS).good] == ["Zoë", "Łucja"]

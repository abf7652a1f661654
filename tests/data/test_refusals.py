"""Whole files that are not taken: each gets one clear line."""

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from salesml.core.errors import (
    Ambiguous,
    ColumnsMissing,
    FileRefused,
    FileTooLarge,
    FileUnreadable,
    InvalidValue,
    SalesmlError,
)
from salesml.core.files import ReadingOptions
from salesml.core.imports import ImportKind
from salesml.data.reader import FileReader

HEADER = "order_id,client_id,ordered_at,amount\n"
ROW = "1,a,2026-01-02,3.50\n"
Write = Callable[..., Path]


def refusal(path: Path, kind: ImportKind = ImportKind.ORDERS, **options: Any) -> SalesmlError:
    with pytest.raises(SalesmlError) as caught:
        FileReader().inspect(path, kind, ReadingOptions(**options))
    assert "\n" not in str(caught.value)
    return caught.value


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    assert "does not exist" in str(refusal(tmp_path / "none.csv"))
    error = refusal(tmp_path)
    assert isinstance(error, FileRefused)
    assert "is a folder" in str(error)


@pytest.mark.parametrize("content", [b"", gzip.compress(b"", mtime=0)])
def test_an_empty_file_is_refused(write: Write, content: bytes) -> None:
    error = refusal(write(content))
    assert isinstance(error, FileUnreadable)
    assert "is empty" in str(error)


@pytest.mark.parametrize("content", [HEADER, HEADER.rstrip(), HEADER + "\n\r\n"])
def test_a_header_without_rows_is_refused(write: Write, content: str) -> None:
    assert "has a header and no rows" in str(refusal(write(content)))


def test_a_file_over_the_limit_is_refused_with_both_sizes(write: Write) -> None:
    error = refusal(write(HEADER + ROW * 100_000), max_bytes=1024**2)
    assert isinstance(error, FileTooLarge)
    for part in ("1.9 MiB", "1.0 MiB", "SALESML_MAX_FILE_MB"):
        assert part in str(error)


def test_a_gzip_file_that_unpacks_to_more_than_the_limit_is_refused(write: Write) -> None:
    error = refusal(write(gzip.compress((HEADER + ROW * 100_000).encode())), max_bytes=1024**2)
    assert isinstance(error, FileTooLarge)
    assert "unpacks to" in str(error)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (HEADER.encode() + b"1,a,2026-01-02,\x00\n", "NUL bytes"),
        (b"PK\x03\x04rest of an archive", "damaged zip archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "save it as XLSX"),
        (b"%PDF-1.7", "PDF"),
        (gzip.compress((HEADER + ROW * 1000).encode())[:-20], "damaged or incomplete gzip"),
        (b"PAR1 and nothing of a table", "damaged Parquet"),
        (b"just one column\nof words\n", "no CSV with two columns"),
        (b"Dear Sir, we write\nto you about\nthe matter\n", "another number of fields"),
        (",".join(f"c{n}" for n in range(5000)).encode() + b"\n" + b"," * 4999 + b"\n", "5,000 columns"),
        (b"a,b" * 2_000_000, "longer than 4 MiB"),
    ],
)
def test_what_is_no_table_is_refused(write: Write, content: bytes, said: str) -> None:
    error = refusal(write(content))
    assert isinstance(error, FileUnreadable)
    assert said in str(error)


def test_a_parquet_file_without_rows_or_with_lists_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    columns = {"client_id": ["a"], "ordered_at": ["2026-01-02"], "amount": [[1.0]]}
    pq.write_table(pa.table(columns).slice(0, 0), path)
    assert "no rows" in str(refusal(path))
    pq.write_table(pa.table(columns), path)
    assert "'amount' for amount has type list" in str(refusal(path))


@pytest.mark.parametrize(
    ("kind", "header", "missing"),
    [
        (ImportKind.ORDERS, "order_id,client_id,when", ("ordered_at", "amount")),
        (ImportKind.ORDERS, "client_id,ordered_at,quantity", ("amount",)),
        (ImportKind.CLIENTS, "first_name,last_name,email", ("client_id",)),
        (ImportKind.ACTIVITY, "client_id,day,colour", ("visits",)),
        (ImportKind.ACTIVITY, "visits,colour,size", ("client_id", "day")),
    ],
)
def test_missing_columns_are_named(
    write: Write, kind: ImportKind, header: str, missing: tuple[str, ...]
) -> None:
    error = refusal(write(f"{header}\nx,y,z\n"), kind)
    assert isinstance(error, ColumnsMissing)
    assert error.missing == missing


def test_dates_that_can_be_read_in_two_ways_stop_the_import(write: Write) -> None:
    path = write(HEADER + "1,a,03/04/2026,3.50\n2,b,01/02/2026,1\n")
    error = refusal(path)
    assert isinstance(error, Ambiguous)
    for part in ("'01/02/2026'", "2026-02-01", "2026-01-02", "--dates dmy"):
        assert part in str(error)
    for style in ("dmy", "mdy"):
        options = ReadingOptions(date_format=style)
        assert FileReader().inspect(path, ImportKind.ORDERS, options).date_format == style


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"mapping": {"colour": "amount"}}, "choose from order_id, client_id"),
        ({"mapping": {"amount": "Total"}}, "'Total' is not a column; choose from order_id, client_id"),
        ({"date_format": "stardate"}, "iso, ymd, dmy, mdy, compact"),
        ({"separator": "::"}, "not one character"),
        ({"encoding": "klingon"}, "klingon"),
        ({"decimal": "dot"}, "choose from point, comma"),
        ({"sheet": "Orders"}, "workbooks (XLSX) only"),
    ],
)
def test_a_choice_that_does_not_exist_is_refused(write: Write, options: dict[str, Any], said: str) -> None:
    error = refusal(write(HEADER + ROW), **options)
    assert isinstance(error, InvalidValue)
    assert said in str(error)


def test_two_columns_of_the_same_name_are_refused(write: Write) -> None:
    assert "two columns are called 'amount'" in str(
        refusal(write("client_id,ordered_at,amount,amount\na,2026-01-02,1,2\n"))
    )


def test_a_row_longer_than_a_block_is_refused_while_staging(stage: Callable[..., Any]) -> None:
    text = HEADER + ROW * 250_000 + f'2,"{"x" * 9_000_000}",2026-01-02,1\n'
    with pytest.raises(FileUnreadable, match="a row is longer than 1 MiB"):
        stage(text)


def test_bytes_that_are_not_of_the_chosen_encoding_are_refused(stage: Callable[..., Any]) -> None:
    text = (HEADER + ROW * 300_000 + "2,Łódź,2026-01-02,1\n").encode("cp1250")
    with pytest.raises(FileUnreadable, match="--encoding"):
        stage(text, encoding="utf-8")

"""Tables on their way out, as CSV, XLSX or Parquet."""

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import IO, Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq

from salesml.core.errors import InvalidValue
from salesml.core.exports import ExportColumn, ExportFormat, Holds
from salesml.core.money import Currency
from salesml.data.scratch import scratch
from salesml.data.workbooks import Workbook

MONEY = ("predicted_sales", "lower", "upper")
DAYS = ("as_of",)
Write = Callable[[pa.Table], None]
_QUOTED = arrow_csv.WriteOptions(quoting_style="needed")
_FORMULA, _NUMBER = r"^[=+\-@\t\r]", r"^[+-]?[0-9]+([.,][0-9]+)?$"
TYPES: Mapping[Holds, pa.DataType] = {
    Holds.TEXT: pa.string(),
    Holds.WHOLE: pa.int64(),
    Holds.REAL: pa.float64(),
    Holds.FLAG: pa.bool_(),
    Holds.MONEY: pa.int64(),
    Holds.INSTANT: pa.int64(),
    Holds.DAY: pa.int32(),
}
"""What `writing` takes of a column."""


@contextmanager
def writing(
    file: IO[bytes],
    as_format: ExportFormat,
    columns: Sequence[ExportColumn],
    *,
    currency: Currency,
    zone: ZoneInfo,
    folder: Path,
) -> Iterator[Write]:
    """Write chunks of a table into a file, in bounded memory; it is complete when the block ends.

    The chunks have `columns` in the types of TYPES. `folder` is where a workbook keeps what it gathers.
    CSV and Parquet tell instants in UTC, workbooks, which know no zones, by the clock of `zone`.
    """
    match as_format:
        case ExportFormat.CSV:
            shown = [_textual(column, currency) for column in columns]
            with arrow_csv.CSVWriter(file, _schema(columns, shown), write_options=_QUOTED) as written:
                yield lambda rows: written.write_table(_converted(rows, columns, shown))
        case ExportFormat.PARQUET:
            shown = [_typed(column, currency) for column in columns]
            with pq.ParquetWriter(file, _schema(columns, shown), compression="zstd") as written:
                yield lambda rows: written.write_table(_converted(rows, columns, shown))
        case ExportFormat.XLSX:
            with scratch(folder) as temporary:
                book = Workbook(file, columns, currency=currency, zone=zone, folder=temporary)
                yield book.write
                book.close()


@contextmanager
def nameless(folder: Path) -> Iterator[IO[bytes]]:
    """A file that nothing but this process can see, and that is gone with it."""
    folder.mkdir(parents=True, mode=0o700, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder) as file:
        yield file


def format_of(path: Path) -> ExportFormat:
    """By the name's ending. Raises InvalidValue for another one, or where there is no such folder."""
    ending = path.suffix.lower().removeprefix(".")
    if ending not in list(ExportFormat):
        raise InvalidValue("out", f"{path.name!r} must end in .csv, .xlsx or .parquet")
    if not path.parent.is_dir():
        raise InvalidValue("out", f"{path.parent} is not a folder")
    return ExportFormat(ending)


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """A file that appears under its name when the block ends well, and not at all otherwise."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with partial.open("wb") as file:
            yield file
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def harmless(texts: Any) -> Any:
    """Texts that no spreadsheet takes for a formula: an apostrophe before = + - @ tab or carriage return,
    but not before a number (OWASP, "CSV Injection")."""
    is_formula = pc.and_(
        pc.match_substring_regex(texts, _FORMULA), pc.invert(pc.match_substring_regex(texts, _NUMBER))
    )
    return pc.if_else(is_formula, pc.binary_join_element_wise("'", texts, ""), texts)


Shown = tuple[pa.DataType, Callable[[Any], Any]]
"""The type that a column leaves in, and how it gets it."""


def _typed(column: ExportColumn, currency: Currency) -> Shown:
    match column.holds:
        case Holds.MONEY:
            kind = pa.decimal128(20 + currency.exponent, currency.exponent)
            return kind, lambda minor: _major(minor, currency.exponent).cast(kind)
        case Holds.INSTANT:
            instant = pa.timestamp("ms", "UTC")
            return instant, lambda seconds: seconds.cast(pa.timestamp("s", "UTC")).cast(instant)
        case Holds.DAY:
            return pa.date32(), lambda days: days.cast(pa.date32())
    return TYPES[column.holds], lambda values: values


def _textual(column: ExportColumn, currency: Currency) -> Shown:
    match column.holds:
        case Holds.TEXT:
            return pa.string(), harmless
        case Holds.INSTANT:
            written = "%Y-%m-%dT%H:%M:%SZ"
            return pa.string(), lambda at: pc.strftime(at.cast(pa.timestamp("s", "UTC")), written)
    return _typed(column, currency)


def _schema(columns: Sequence[ExportColumn], shown: Sequence[Shown]) -> pa.Schema:
    return pa.schema([(column.name, kind) for column, (kind, _) in zip(columns, shown, strict=True)])


def _converted(rows: pa.Table, columns: Sequence[ExportColumn], shown: Sequence[Shown]) -> pa.Table:
    values = [convert(rows[column.name]) for column, (_, convert) in zip(columns, shown, strict=True)]
    return pa.table(values, schema=_schema(columns, shown))


def _write_csv(table: pa.Table, path: Path) -> None:
    for name in table.column_names:
        if pa.types.is_string(table[name].type):
            table = _replaced(table, name, harmless(table[name]))
    arrow_csv.write_csv(table, path, _QUOTED)


def _write_parquet(table: pa.Table, path: Path) -> None:
    pq.write_table(table, path)


WRITERS: Mapping[str, Callable[[pa.Table, Path], None]] = {".csv": _write_csv, ".parquet": _write_parquet}


def check_export(path: Path) -> None:
    """Raises InvalidValue when the name's ending is not one that is written, or its folder is missing."""
    if path.suffix.lower() not in WRITERS:
        raise InvalidValue("out", f"{path.name!r} must end in {' or '.join(WRITERS)}")
    if not path.parent.is_dir():
        raise InvalidValue("out", f"{path.parent} is not a folder")


def write_scores(
    table: pa.Table, path: Path, currency: Currency, money: Sequence[str] = MONEY, days: Sequence[str] = DAYS
) -> None:
    """Write a table of scores, whole or not at all: the file appears under its name when it is complete.

    Columns of `money` are integer minor units and become decimals in major units; columns of `days` that
    are integers are epoch days and become dates (ISO in CSV). Raises InvalidValue, see `check_export`.
    """
    check_export(path)
    for name in table.column_names:
        if name in money:
            table = _replaced(table, name, _major(table[name], currency.exponent))
        elif name in days and pa.types.is_integer(table[name].type):
            table = _replaced(table, name, table[name].cast(pa.int32()).cast(pa.date32()))
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        WRITERS[path.suffix.lower()](table, partial)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _major(minor: Any, exponent: int) -> Any:
    """Exact: the integer's digits are those of the decimal, with the point moved."""
    unit = pa.scalar(Decimal(1).scaleb(-exponent), pa.decimal128(exponent + 1, exponent))
    return pc.multiply(minor.cast(pa.decimal128(19, 0)), unit)


def _replaced(table: pa.Table, name: str, column: Any) -> pa.Table:
    return table.set_column(table.column_names.index(name), name, column)

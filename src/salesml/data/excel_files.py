"""Excel workbooks (XLSX): a sheet with a table, in blocks of text columns."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fastexcel
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from salesml.core.errors import FileUnreadable, InvalidValue
from salesml.core.files import FileReading
from salesml.data.blocks import BLOCK_ROWS, MALFORMED, Block, column_name
from salesml.data.csv_beginning import MAX_COLUMNS, is_data, names_of
from salesml.data.parquet_files import READABLE, as_text

LOOKED_AT = 100
"""Rows in which the header is looked for: titles and dates of reports often stand above it."""


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A table of a workbook: its columns by name, and its rows that are not blank, typed as Excel has them
    (`c0`, `c1`, ...)."""

    name: str
    columns: tuple[str, ...]
    header: bool
    rows: Any


def read_sheet(path: Path, chosen: str | None, header: bool | None) -> Sheet:
    """The chosen sheet, or the first one with a table. The file was looked over by `check_workbook`.

    Raises InvalidValue for a sheet that does not exist, FileUnreadable when there is no table.
    """
    with _opened(path) as book:
        names = book.sheet_names
        if chosen is not None and chosen not in names:
            raise InvalidValue("sheet", f"{chosen!r} is not a sheet; choose from {', '.join(names)}")
        for name in names if chosen is None else [chosen]:
            found = _header_row(_text_rows(book, name))
            if found is not None:
                return _read(path, book, name, found, header)
    if chosen:
        raise FileUnreadable("no_table_in_sheet", file=path, sheet=chosen)
    raise FileUnreadable("no_table", file=path)


def sample(sheet: Sheet, count: int) -> list[tuple[str | None, ...]]:
    """The first rows as text."""
    texts = [as_text(column.combine_chunks()).to_pylist() for column in sheet.rows.slice(0, count).columns]
    return list(zip(*texts, strict=True))


def blocks(path: Path, reading: FileReading, wanted: Sequence[int]) -> Iterator[Block]:
    """Every row of the sheet, in its order."""
    sheet = read_sheet(path, reading.sheet, reading.header)
    size = path.stat().st_size
    for start in range(0, sheet.rows.num_rows, BLOCK_ROWS):
        rows = sheet.rows.slice(start, BLOCK_ROWS)
        numbers = np.arange(start + 1, start + rows.num_rows + 1, dtype=np.int64)
        texts = {column_name(index): as_text(rows.column(index).combine_chunks()) for index in wanted}
        table = pa.table({"row": pa.array(numbers), **texts})
        consumed = size * int(numbers[-1]) // sheet.rows.num_rows
        yield Block(table, MALFORMED.empty_table(), consumed)


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    try:
        yield fastexcel.read_excel(path)
    except fastexcel.FastExcelError as error:
        reason = str(error).splitlines()[0][:200]
        raise FileUnreadable("damaged_workbook", file=path, reason=reason) from None


def _text_rows(book: Any, name: str) -> list[tuple[str | None, ...]]:
    rows = book.load_sheet(name, header_row=None, n_rows=LOOKED_AT, dtypes="string").to_arrow()
    return list(zip(*(column.to_pylist() for column in rows.columns), strict=True))


def _header_row(rows: Sequence[Sequence[str | None]]) -> int | None:
    """The first row that fills at least half of the columns that any row fills; None without two such."""
    filled = [sum(bool(cell and cell.strip()) for cell in row) for row in rows]
    needed = max(2, (max(filled, default=0) + 1) // 2)
    full = [number for number, count in enumerate(filled) if count >= needed]
    return full[0] if len(full) > 1 else None


def _read(path: Path, book: Any, name: str, first: int, header: bool | None) -> Sheet:
    head = [cell or "" for cell in _text_rows(book, name)[first]]
    if len(head) > MAX_COLUMNS:
        raise FileUnreadable("too_many_columns", file=path, columns=len(head), limit=MAX_COLUMNS)
    named = header if header is not None else not is_data(head)
    rows = _typed(book, name, first + named)
    return Sheet(name=name, columns=names_of(head, named=named), header=named, rows=_without_blanks(rows))


def _typed(book: Any, name: str, skip: int) -> pa.Table:
    """Columns of one kind keep it; mixed ones, and kinds that no file of ours has, become text."""
    options = {"header_row": None, "skip_rows": skip, "schema_sample_rows": None}
    batch = book.load_sheet(name, **options).to_arrow()
    odd = [index for index, kind in enumerate(batch.schema.types) if not any(test(kind) for test in READABLE)]
    if odd:
        batch = book.load_sheet(name, **options, dtypes=dict.fromkeys(odd, "string")).to_arrow()
    return pa.table(list(batch.columns), [column_name(index) for index in range(batch.num_columns)])


def _without_blanks(rows: pa.Table) -> pa.Table:
    filled = pa.repeat(pa.scalar(False), rows.num_rows)
    for column in rows.columns:
        text = pa.types.is_string(column.type)
        here = pc.not_equal(pc.utf8_trim_whitespace(column), "") if text else column.is_valid()
        filled = pc.or_(filled, pc.fill_null(here, False))
    return rows.filter(filled)

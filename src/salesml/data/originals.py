"""Whole rows of a file as lines of CSV, under the columns of its header: what was set aside can be mended."""

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from salesml.core.files import FileReading
from salesml.core.imports import MAX_RECORD
from salesml.data import tables
from salesml.data.blocks import by_field, column_name
from salesml.data.text_streams import BLANK

RECORDS = pa.schema([("row", pa.int64()), ("record", pa.string())])
LINES = RECORDS.insert(1, pa.field("first", pa.int64()))
"""Rows of orders: `first` is the row that an order is known by."""
SPECIAL = '[",\r\n]|^ | $'


def records(path: Path, reading: FileReading, rows: npt.NDArray[np.int64]) -> Iterator[pa.Table]:
    """The given data rows, in the schema RECORDS; `rows` ascend. Reads no further than the last of them."""
    if not len(rows):
        return
    for block in tables.blocks(path, reading, range(len(reading.columns))):
        yield _lines(_chosen(block.table, rows), len(reading.columns))
        yield _malformed(_chosen(block.malformed, rows), reading)
        if block.table.num_rows and block.table["row"][-1].as_py() >= rows[-1]:
            return


def of_orders(
    path: Path, reading: FileReading, good: Path, rows: npt.NDArray[np.int64], after: int
) -> Iterator[pa.Table]:
    """Whole rows behind `after` in the schema LINES: those numbered, the first of good orders, and of
    line items every other line of those orders."""
    if not reading.lines or "order_id" not in reading.mapping:
        for table in records(path, reading, rows[rows > after]):
            yield pa.table([table["row"], table["row"], table["record"]], schema=LINES)
        return
    known = ds.dataset(good).to_table(["row", "order_id"], filter=pc.field("row").isin(pa.array(rows)))
    for block in tables.blocks(path, reading, range(len(reading.columns))):
        numbers = pc.utf8_trim_whitespace(by_field(block.table, reading, ("order_id",))["raw_order_id"])
        own, place = block.table["row"], pc.index_in(numbers, value_set=known["order_id"].combine_chunks())
        # A line without an order number is an order of its own.
        itself = pc.if_else(pc.is_in(own, value_set=pa.array(rows)), own, None)
        first = pc.coalesce(known["row"].take(place), itself)
        chosen = pc.and_(first.is_valid(), pc.greater(own, after))
        found = _lines(block.table.filter(chosen), len(reading.columns))
        yield pa.table([found["row"], first.filter(chosen), found["record"]], schema=LINES)


def _chosen(table: pa.Table, rows: npt.NDArray[np.int64]) -> pa.Table:
    numbers = table["row"].to_numpy()
    places = np.minimum(np.searchsorted(rows, numbers), len(rows) - 1)
    return table.filter(pa.array(rows[places] == numbers))


def _lines(rows: pa.Table, columns: int) -> pa.Table:
    """Every row as a line; a column that holds no plain values is empty."""
    empty = pa.scalar("", pa.string())
    cells = [
        _quoted(rows[name]) if (name := column_name(index)) in rows.column_names else empty
        for index in range(columns)
    ]
    if rows.num_rows == 0:
        return RECORDS.empty_table()
    lines = pc.binary_join_element_wise(*cells, pa.scalar(","))
    return pa.table([rows["row"], pc.utf8_slice_codeunits(lines, 0, MAX_RECORD)], schema=RECORDS)


def _quoted(column: Any) -> Any:
    text = pc.fill_null(column.cast(pa.string()), "")
    inner = pc.replace_substring(text, '"', '""')
    whole = pc.binary_join_element_wise(pa.scalar('"'), inner, pa.scalar('"'), pa.scalar(""))
    return pc.if_else(pc.match_substring_regex(text, SPECIAL), whole, text)


def _malformed(rows: pa.Table, reading: FileReading) -> pa.Table:
    lines = [_line(text, reading)[:MAX_RECORD] for text in rows["text"].to_pylist()]
    return pa.table([rows["row"], pa.array(lines, pa.string())], schema=RECORDS)


def _line(text: str, reading: FileReading) -> str:
    """A malformed row, which may have any number of cells."""
    cells = [text] if reading.format == "jsonl" else cells_of(text, reading.separator)
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(cells)
    return out.getvalue()


def cells_of(text: str, separator: str | None) -> Sequence[str]:
    """The cells of one row as it stands in a CSV; as far as they go where quotes are broken."""
    if separator == BLANK:
        return text.split()
    try:
        return next(csv.reader(io.StringIO(text, newline=""), delimiter=separator or ","), [])
    except csv.Error:
        return [text]

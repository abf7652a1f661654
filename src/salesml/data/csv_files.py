"""CSV: the whole file in blocks of text columns."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv

from salesml.core.errors import FileUnreadable
from salesml.core.files import FileReading
from salesml.data.blocks import Block, MalformedRows, column_name
from salesml.data.csv_beginning import Beginning, beginning
from salesml.data.sources import Part
from salesml.data.text_streams import BLANK, LONGEST_ROW, Text, readable, text_stream


def blocks(parts: Sequence[Part], reading: FileReading, wanted: Sequence[int]) -> Iterator[Block]:
    """Every row of the file, in its order, malformed rows with the block in or after which they stand.

    The members of an archive follow one another, each with the same columns. Raises FileUnreadable.
    """
    before = 0
    for part in parts:
        start = beginning(part, reading.encoding or "utf-8", reading.separator, reading.header)
        if start.columns != reading.columns:
            raise FileUnreadable(
                "other_columns", file=part, first=f"{parts[0].path.name} ({parts[0].member})"
            )
        rows = 0
        for block in _parsed(part, start, reading, wanted):
            rows += block.table.num_rows + block.malformed.num_rows
            yield _shifted(block, before)
        before += rows


def _parsed(part: Part, start: Beginning, reading: FileReading, wanted: Sequence[int]) -> Iterator[Block]:
    """The parser's own small blocks, their rows numbered from 1."""
    encoding = reading.encoding or "utf-8"
    met = MalformedRows()
    with text_stream(part, encoding, start.separator) as stream, readable(part, encoding):
        stream.read(start.body)
        position = 1
        # The parser reads ahead, and makes one batch of every read.
        for number, batch in enumerate(_reader(stream, start, wanted, met), 1):
            numbers = _numbers(position, batch.num_rows, met.numbers())
            position = int(numbers[-1]) + 1 if len(numbers) else position
            columns = {column_name(index): batch.column(column_name(index)) for index in wanted}
            table = pa.table({"row": pa.array(numbers), **columns})
            # What the parser has met beyond this block belongs to a later one.
            yield Block(table, met.take(position), stream.places[min(number, len(stream.places) - 1)])
        none = {column_name(index): pa.array([], pa.string()) for index in wanted}
        yield Block(pa.table({"row": pa.array([], pa.int64()), **none}), met.take(), stream.places[-1])


def _reader(stream: Text, start: Beginning, wanted: Sequence[int], met: MalformedRows) -> Any:
    names = [column_name(index) for index in range(len(start.columns))]
    blank = start.separator == BLANK

    def set_aside(row: Any) -> str:
        met.add(row.number, row.actual_columns, row.text)
        return "skip"

    # One thread: only then does the parser number malformed rows.
    return arrow_csv.open_csv(
        pa.PythonFile(stream, mode="r"),
        read_options=arrow_csv.ReadOptions(use_threads=False, column_names=names, block_size=LONGEST_ROW),
        parse_options=arrow_csv.ParseOptions(
            delimiter="\t" if blank else start.separator,
            quote_char=False if blank else '"',
            newlines_in_values=not blank,
            invalid_row_handler=set_aside,
        ),
        convert_options=arrow_csv.ConvertOptions(
            include_columns=[names[index] for index in wanted],
            column_types={names[index]: pa.string() for index in wanted},
            strings_can_be_null=False,
        ),
    )


def _numbers(position: int, count: int, malformed: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The next row numbers from a position on that are not those of malformed rows."""
    if not len(malformed):
        return np.arange(position, position + count, dtype=np.int64)
    candidates = np.arange(position, position + count + len(malformed), dtype=np.int64)
    return candidates[~np.isin(candidates, malformed)][:count]


def _shifted(block: Block, before: int) -> Block:
    if before == 0:
        return block
    table, malformed = (
        rows.set_column(0, "row", pc.add(rows["row"], before)) for rows in (block.table, block.malformed)
    )
    return Block(table, malformed, block.consumed)

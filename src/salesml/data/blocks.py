"""What every kind of file gives: blocks of rows as text."""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from salesml.core.files import FileReading
from salesml.core.imports import MAX_RECORD

MALFORMED = pa.schema(
    [("row", pa.int64()), ("fields", pa.int64()), ("text", pa.string()), ("words", pa.string())]
)
BLOCK_ROWS = 65_536
FLUSH_ROWS = 10_000
CHECK_BYTES = 24 * 1024**2
"""Blocks are checked together up to this size: below about 100,000 rows DuckDB uses one thread."""


@dataclass(frozen=True)
class Block:
    """Some rows. `table` has `row` (int64, data rows from 1) and a text column `column_name(i)` for every
    wanted column i of the file. `malformed` are rows, in the schema MALFORMED, that have not as many fields
    as the header, unless `words` say what else is wrong with them. `consumed` is how many bytes of the file
    end where the block ends."""

    table: Any
    malformed: Any
    consumed: int


def column_name(index: int) -> str:
    """How a block calls a column of the file, counted from 0: headers may be anything."""
    return f"c{index}"


def by_field(table: Any, reading: FileReading, fields: Sequence[str]) -> Any:
    """`row`, and a text column `raw_<field>` for every field, NULL where the field has no column."""
    empty = pa.nulls(table.num_rows, pa.string())
    values = {
        f"raw_{name}": table[column_name(reading.columns.index(reading.mapping[name]))]
        if name in reading.mapping
        else empty
        for name in fields
    }
    return pa.table({"row": table["row"], **values})


def gathered(parts: Iterable[Block]) -> Iterator[Block]:
    """The same rows in fewer blocks, of about CHECK_BYTES."""
    waiting: list[Block] = []
    size = 0
    for part in parts:
        waiting.append(part)
        size += part.table.nbytes + part.malformed.nbytes
        if size > CHECK_BYTES:
            yield _joined(waiting)
            waiting, size = [], 0
    if waiting:
        yield _joined(waiting)


def ahead(blocks: Iterable[Block]) -> Iterator[Block]:
    """The same blocks, the next one made in a thread while one is worked on. Errors are raised in turn."""
    source = iter(blocks)
    with ThreadPoolExecutor(1, thread_name_prefix="ahead") as thread:
        waiting = thread.submit(next, source, None)
        while (block := waiting.result()) is not None:
            waiting = thread.submit(next, source, None)
            yield block


def _joined(parts: Sequence[Block]) -> Block:
    table = pa.concat_tables([part.table for part in parts]).combine_chunks()
    return Block(table, pa.concat_tables([part.malformed for part in parts]), parts[-1].consumed)


class MalformedRows:
    """Collects malformed rows as a parser meets them, one by one, and keeps them as columns.

    A parser may meet millions of them before it answers with a block: as Python objects they would not fit.
    It meets them in a thread of its own, ahead of whoever asks for them.
    """

    def __init__(self) -> None:
        self._fresh: list[tuple[int, int, str, None]] = []
        self._table = MALFORMED.empty_table()
        self._lock = Lock()

    def add(self, row: int, fields: int, text: str) -> None:
        with self._lock:
            self._fresh.append((row, fields, text[:MAX_RECORD], None))
            if len(self._fresh) >= FLUSH_ROWS:
                self._flush()

    def numbers(self) -> npt.NDArray[np.int64]:
        with self._lock:
            self._flush()
            numbers: npt.NDArray[np.int64] = self._table["row"].to_numpy()
        return numbers

    def take(self, position: int | None = None) -> Any:
        """Remove and answer the rows before a position, or all."""
        with self._lock:
            self._flush()
            if position is None:
                taken, self._table = self._table, MALFORMED.empty_table()
            else:
                before = pc.less(self._table["row"], position)
                taken, self._table = self._table.filter(before), self._table.filter(pc.invert(before))
        return taken

    def _flush(self) -> None:
        if self._fresh:
            columns = [
                pa.array(values, kind)
                for values, kind in zip(zip(*self._fresh, strict=True), MALFORMED.types, strict=True)
            ]
            self._table = pa.concat_tables([self._table, pa.table(columns, schema=MALFORMED)])
            self._fresh.clear()

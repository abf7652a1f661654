"""What every kind of file gives: blocks of rows as text."""

from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

MALFORMED = pa.schema([("row", pa.int64()), ("fields", pa.int64()), ("text", pa.string())])
FLUSH_ROWS = 10_000
MAX_TEXT = 400


@dataclass(frozen=True)
class Block:
    """Some rows. `table` has `row` (int64, data rows from 1) and a text column `raw_<field>` for every field,
    NULL where the field has no column. `malformed` are rows, in the schema MALFORMED, that have not as many
    fields as the header."""

    table: Any
    malformed: Any


class MalformedRows:
    """Collects malformed rows as a parser meets them, one by one, and keeps them as columns.

    A parser may meet millions of them before it answers with a block: as Python objects they would not fit.
    It meets them in a thread of its own, ahead of whoever asks for them.
    """

    def __init__(self) -> None:
        self._fresh: list[tuple[int, int, str]] = []
        self._table = MALFORMED.empty_table()
        self._lock = Lock()

    def add(self, row: int, fields: int, text: str) -> None:
        with self._lock:
            self._fresh.append((row, fields, text[:MAX_TEXT]))
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

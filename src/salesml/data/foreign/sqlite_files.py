"""SQLite: a file opened for reading alone, cut off from every other one."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from decimal import Decimal
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import quote

import pyarrow as pa

from salesml.data.foreign.watermarks import Value

BATCH_ROWS = 10_000
TIMEOUT_S = 600
_STEPS_BETWEEN_LOOKS = 100_000
_BUSY_TIMEOUT_S = 30
_ALLOWED = frozenset(
    {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}
)
_FORBIDDEN_FUNCTIONS = frozenset({"load_extension", "fts3_tokenizer", "writefile", "edit"})
Error = sqlite3.Error


@contextmanager
def answer(
    path: Path, query: str, value: Value, *, typed: str | None
) -> Iterator[tuple[pa.Schema, Iterator[pa.RecordBatch]]]:
    """The rows of a query; `value` goes for `:watermark`. Any column of SQLite holds any value: so all are
    text, but for the column `typed`, which must hold texts alone or numbers alone."""
    address = f"file:{quote(str(path.absolute()))}?mode=ro"
    with closing(sqlite3.connect(address, uri=True, timeout=_BUSY_TIMEOUT_S)) as connection:
        connection.execute("PRAGMA query_only = ON")
        connection.set_authorizer(_authorize)
        deadline = monotonic() + TIMEOUT_S
        connection.set_progress_handler(lambda: int(monotonic() > deadline), _STEPS_BETWEEN_LOOKS)
        cursor = connection.execute(query, {} if value is None else {"watermark": value})
        names = [column[0] for column in cursor.description or ()]
        first = cursor.fetchmany(BATCH_ROWS)
        kinds = [
            _type(values) if name == typed else pa.string()
            for name, values in zip(names, _columns(first, len(names)), strict=True)
        ]
        schema = pa.schema(list(zip(names, kinds, strict=True)))
        yield schema, _batches(cursor, first, schema)


def _authorize(action: int, _: str | None, name: str | None, *__: object) -> int:
    if action == sqlite3.SQLITE_FUNCTION and name in _FORBIDDEN_FUNCTIONS:
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK if action in _ALLOWED else sqlite3.SQLITE_DENY


def _batches(
    cursor: sqlite3.Cursor, rows: list[tuple[Any, ...]], schema: pa.Schema
) -> Iterator[pa.RecordBatch]:
    while rows:
        columns = [
            pa.array([_text(each) for each in values], pa.string())
            if pa.types.is_string(field.type)
            else pa.array(values, field.type)
            for values, field in zip(_columns(rows, len(schema)), schema, strict=True)
        ]
        yield pa.record_batch(columns, schema=schema)
        rows = cursor.fetchmany(BATCH_ROWS)


def _columns(rows: list[tuple[Any, ...]], count: int) -> list[Sequence[Any]]:
    return list(zip(*rows, strict=True)) if rows else [()] * count


def _type(values: Sequence[Any]) -> pa.DataType:
    kinds = {type(each) for each in values if each is not None}
    if kinds == {int}:
        return pa.int64()
    return pa.float64() if kinds and kinds <= {int, float} else pa.string()


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, float):
        return format(Decimal(repr(value)), "f")
    return value.hex() if isinstance(value, bytes) else str(value)

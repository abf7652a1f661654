"""PostgreSQL: one cursor on the server, in a transaction that may only read."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from decimal import Decimal
from typing import Any

import psycopg
import pyarrow as pa

from salesml.data.foreign.watermarks import Value

BATCH_ROWS = 10_000
STATEMENT_TIMEOUT_S = 600
"""For the query's first rows, and for every further batch of them."""
_CONNECT_TIMEOUT_S = 15
_LOCK_TIMEOUT_S = 30
_OPTIONS = (
    "-c default_transaction_read_only=on -c TimeZone=UTC -c DateStyle=ISO "
    f"-c statement_timeout={STATEMENT_TIMEOUT_S * 1000} -c lock_timeout={_LOCK_TIMEOUT_S * 1000}"
)
_TYPES = {
    **dict.fromkeys(("bool",), pa.bool_()),
    **dict.fromkeys(("int2", "int4", "int8", "oid"), pa.int64()),
    **dict.fromkeys(("float4", "float8"), pa.float64()),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "timestamptz": pa.timestamp("us", "UTC"),
}
"""By the server's names; everything else is text."""


@contextmanager
def answer(address: str, query: str, value: Value) -> Iterator[tuple[pa.Schema, Iterator[pa.RecordBatch]]]:
    """The rows of a query; `value` goes for `%(watermark)s`.

    A cursor takes a single statement, and the server refuses one that writes.
    """
    with closing(
        psycopg.connect(address, options=_OPTIONS, connect_timeout=_CONNECT_TIMEOUT_S)
    ) as connection:
        connection.read_only = True
        # As text of no type the value becomes what the column is.
        parameters = None if value is None else {"watermark": str(value)}
        with connection.cursor(name="salesml") as cursor:
            cursor.execute(query.encode(), parameters)
            schema = pa.schema([(column.name, _type(column)) for column in cursor.description or ()])
            yield schema, _batches(cursor, schema)


def _batches(cursor: "psycopg.ServerCursor[Any]", schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    while rows := cursor.fetchmany(BATCH_ROWS):
        columns = [
            _column(values, field.type) for values, field in zip(zip(*rows, strict=True), schema, strict=True)
        ]
        yield pa.record_batch(columns, schema=schema)


def _type(column: Any) -> pa.DataType:
    known = psycopg.adapters.types.get(column.type_code)
    return _TYPES.get(known.name if known else "", pa.string())


def _column(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    return pa.array([_text(each) for each in values] if pa.types.is_string(kind) else values, kind)


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.hex() if isinstance(value, bytes) else str(value)

"""Parquet: its columns, then the whole file in blocks of text columns."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from salesml.core.errors import FileUnreadable
from salesml.core.files import FileReading
from salesml.data.blocks import MALFORMED, Block

BLOCK_ROWS = 65_536
READABLE = (
    pa.types.is_string,
    pa.types.is_large_string,
    pa.types.is_string_view,
    pa.types.is_integer,
    pa.types.is_floating,
    pa.types.is_decimal,
    pa.types.is_boolean,
    pa.types.is_date,
    pa.types.is_timestamp,
    pa.types.is_null,
)


@contextmanager
def opened(path: Path) -> Iterator[Any]:
    """The file. Raises FileUnreadable when it is damaged, also while it is read."""
    try:
        with pq.ParquetFile(path, pre_buffer=False) as file:
            yield file
    except (pa.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0][:200]
        raise FileUnreadable(f"{path} is a damaged Parquet file: {reason}") from None


def beginning(path: Path, rows: int) -> tuple[pa.Schema, list[tuple[str | None, ...]]]:
    """Schema and first rows as text. Raises FileUnreadable when there are no rows."""
    with opened(path) as file:
        if file.metadata.num_rows == 0:
            raise FileUnreadable(f"{path} has columns and no rows")
        schema = file.schema_arrow
        readable = [name for name in schema.names if _is_readable(_value_type(schema.field(name).type))]
        batch = next(file.iter_batches(batch_size=rows, columns=readable), None)
    known = {name: as_text(batch.column(name)).to_pylist() for name in readable} if batch is not None else {}
    count = batch.num_rows if batch is not None else 0
    return schema, list(zip(*(known.get(name, [None] * count) for name in schema.names), strict=True))


def check_types(path: Path, schema: pa.Schema, mapping: Mapping[str, str]) -> None:
    """Raises FileUnreadable when a mapped column holds lists, structures or bytes."""
    for name, column in mapping.items():
        kind = schema.field(column).type
        if not _is_readable(_value_type(kind)):
            raise FileUnreadable(
                f"{path}: column {column!r} for {name} has type {kind}, which is no plain value"
            )


def is_moment(schema: pa.Schema, column: str) -> bool:
    """Whether a column holds real dates or timestamps, so that no date style is needed."""
    kind = _value_type(schema.field(column).type)
    return bool(pa.types.is_date(kind) or pa.types.is_timestamp(kind))


def blocks(path: Path, reading: FileReading, fields: Sequence[str]) -> Iterator[Block]:
    """Every row of the file, in its order."""
    position = 1
    with opened(path) as file:
        wanted = sorted(set(reading.mapping.values()))
        for batch in file.iter_batches(batch_size=BLOCK_ROWS, columns=wanted):
            texts = {name: as_text(batch.column(name)) for name in wanted}
            empty = pa.nulls(batch.num_rows, pa.string())
            values = {
                f"raw_{name}": texts[reading.mapping[name]] if name in reading.mapping else empty
                for name in fields
            }
            numbers = np.arange(position, position + batch.num_rows, dtype=np.int64)
            position += batch.num_rows
            yield Block(pa.table({"row": pa.array(numbers), **values}), MALFORMED.empty_table())


def as_text(column: Any) -> Any:
    """The text that a CSV of the same table would hold.

    Timestamps without a zone stay wall time, those with one end in Z; whole floats lose their point
    (pandas writes integer ids with gaps as floats); true and false become 1 and 0.
    """
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    kind = column.type
    if pa.types.is_timestamp(kind):
        zone = "UTC" if kind.tz else None
        # Whole seconds are enough, and down is the right way: a second is over when it has passed.
        return (
            pc.floor_temporal(column.cast(pa.timestamp(kind.unit, zone)), unit="second")
            .cast(pa.timestamp("s", zone))
            .cast(pa.string())
        )
    if pa.types.is_boolean(kind):
        return column.cast(pa.int8()).cast(pa.string())
    text = column.cast(pa.string())
    return _without_exponents(text) if pa.types.is_floating(kind) or pa.types.is_decimal(kind) else text


def _without_exponents(text: Any) -> Any:
    """Very small and very large numbers are printed as 1e-07; write them out. They are few."""
    scientific = pc.fill_null(pc.match_substring_regex(text, "[0-9][eE]"), False)
    if not pc.any(scientific).as_py():
        return text
    written = [format(Decimal(value), "f") for value in text.filter(scientific).to_pylist()]
    return pc.replace_with_mask(text, scientific, pa.array(written, pa.string()))


def _value_type(kind: Any) -> Any:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _is_readable(kind: Any) -> bool:
    return any(test(kind) for test in READABLE)

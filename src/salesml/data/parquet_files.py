"""Parquet: its columns, then the whole file in blocks of text columns."""

from collections.abc import Callable, Iterator, Sequence
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
from salesml.data.blocks import BLOCK_ROWS, MALFORMED, Block, column_name
from salesml.data.number_styles import MISTAKABLE

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
        raise FileUnreadable("damaged_parquet", file=path, reason=reason) from None


def beginning(path: Path, rows: int) -> tuple[pa.Schema, list[tuple[str | None, ...]]]:
    """Schema and first rows as text. Raises FileUnreadable when there are no rows."""
    with opened(path) as file:
        if file.metadata.num_rows == 0:
            raise FileUnreadable("columns_only", file=path)
        schema = file.schema_arrow
        readable = _readable_names(schema)
        batch = next(file.iter_batches(batch_size=rows, columns=readable), None)
    known = {name: as_text(batch.column(name)).to_pylist() for name in readable} if batch is not None else {}
    count = batch.num_rows if batch is not None else 0
    return schema, list(zip(*(known.get(name, [None] * count) for name in schema.names), strict=True))


def unreadable(schema: pa.Schema) -> dict[str, str]:
    """Columns that hold lists, structures or bytes, each with its type."""
    readable = set(_readable_names(schema))
    return {name: str(schema.field(name).type) for name in schema.names if name not in readable}


def moments(schema: pa.Schema) -> frozenset[str]:
    """Columns that hold real dates or timestamps, so that no date style is needed."""
    return frozenset(name for name in schema.names if is_moment(schema.field(name).type))


def real_numbers(schema: pa.Schema) -> frozenset[str]:
    """Columns that hold real numbers, so that no decimal mark is in question."""
    return frozenset(name for name in schema.names if is_number(schema.field(name).type))


def is_moment(kind: Any) -> bool:
    return bool(pa.types.is_date(_value_type(kind)) or pa.types.is_timestamp(_value_type(kind)))


def is_number(kind: Any) -> bool:
    kind = _value_type(kind)
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def blocks(path: Path, reading: FileReading, wanted: Sequence[int]) -> Iterator[Block]:
    """Every row of the file, in its order; columns that hold no plain values are left out."""
    position = 1
    with opened(path) as file:
        place = _places(file.metadata, path.stat().st_size)
        readable = set(_readable_names(file.schema_arrow))
        columns = {index: reading.columns[index] for index in wanted if reading.columns[index] in readable}
        for batch in file.iter_batches(batch_size=BLOCK_ROWS, columns=list(columns.values())):
            texts = {column_name(index): as_text(batch.column(name)) for index, name in columns.items()}
            numbers = np.arange(position, position + batch.num_rows, dtype=np.int64)
            position += batch.num_rows
            table = pa.table({"row": pa.array(numbers), **texts})
            yield Block(table, MALFORMED.empty_table(), place(position - 1))


def _places(metadata: Any, size: int) -> Callable[[int], int]:
    """Where in the file so many rows end: known between row groups, in proportion to rows inside of one."""
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    rows = np.cumsum([0, *(group.num_rows for group in groups)])
    ends = np.array([0, *(_begin(group) for group in groups[1:]), size])
    return lambda count: int(np.interp(count, rows, ends))


def _begin(group: Any) -> int:
    first = group.column(0)
    return int(first.dictionary_page_offset or first.data_page_offset)


def _readable_names(schema: pa.Schema) -> list[str]:
    return [name for name in schema.names if _is_readable(_value_type(schema.field(name).type))]


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
    if not (pa.types.is_floating(kind) or pa.types.is_decimal(kind)):
        return text
    # 1.234 as a text might mean a thousand: a number tells that it does not by one more zero.
    return pc.replace_substring_regex(_without_exponents(text), f"^({MISTAKABLE})$", r"\10")


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

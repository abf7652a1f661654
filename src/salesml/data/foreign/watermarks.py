"""The largest value of a column, over batches; kept as JSON, so that a number stays a number."""

import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from salesml.core.errors import SourceRefused

Value = str | int | float | None


class Newest:
    """Sees every batch; `value` is None while no row had a value."""

    def __init__(self, column: str | None) -> None:
        self._column = column
        self._largest: Any = None

    def check(self, schema: pa.Schema) -> None:
        """Raises SourceRefused for an answer without the column."""
        if self._column is not None and self._column not in schema.names:
            columns = tuple(schema.names)
            raise SourceRefused("source_without_watermark", column=self._column, columns=columns)

    def see(self, batch: pa.RecordBatch) -> None:
        if self._column is None:
            return
        try:
            found = pc.max(batch.column(self._column)).as_py()
            if found is not None and (self._largest is None or found > self._largest):
                self._largest = found
        except (pa.ArrowNotImplementedError, TypeError):
            raise SourceRefused("source_unordered", column=self._column) from None

    @property
    def value(self) -> str | None:
        return None if self._largest is None else json.dumps(_plain(self._largest))


def bound(value: str | None) -> Value:
    """What is given to a driver of a value that is kept as JSON."""
    found: Value = None if value is None else json.loads(value)
    return found


def _plain(value: Any) -> Value:
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        return value
    raise TypeError(type(value).__name__)

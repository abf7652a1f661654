"""Whole lists as tables, and the files that they become."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import IO, Protocol
from zoneinfo import ZoneInfo

import pyarrow as pa

from salesml.core.exports import ExportColumn, ExportFormat, ExportQuery
from salesml.core.money import Currency


class ExportRepository(Protocol):
    def chunks(
        self, query: ExportQuery, *, currency: Currency, threshold: float, today: int
    ) -> Iterator[pa.Table]:
        """The published rows of a list, in chunks of bounded size, with the columns of `COLUMNS` for its
        noun; money, instants and days as `Holds` says. Raises InvalidValue, NotFound."""


class TableWriter(Protocol):
    def __call__(
        self,
        file: IO[bytes],
        as_format: ExportFormat,
        columns: Sequence[ExportColumn],
        *,
        currency: Currency,
        zone: ZoneInfo,
    ) -> AbstractContextManager[Callable[[pa.Table], None]]:
        """What takes the chunks of a table; the file is complete when the block ends."""

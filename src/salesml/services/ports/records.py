"""Rows sent over HTTP, checked by the same rules as those of files."""

from collections.abc import Callable, Sequence
from typing import Protocol
from zoneinfo import ZoneInfo

import pyarrow as pa

from salesml.core.activity import Coverage
from salesml.core.imports import ImportKind, RejectedRow
from salesml.core.money import Currency

Unpriced = Callable[[pa.Table], Sequence[RejectedRow]]
"""Says of orders which have no usable rate; columns that `FileReader.good` has, and `source`."""


class CheckedRecords(Protocol):
    """Checked rows of a batch."""

    @property
    def good(self) -> pa.Table:
        """Columns that `FileReader.good` has, and `source`."""

    @property
    def rejected(self) -> tuple[RejectedRow, ...]: ...

    @property
    def repeated(self) -> int:
        """How many rows are equal repeats of an earlier key of the batch, and left out."""

    @property
    def coverage(self) -> tuple[Coverage, ...]:
        """The days that activity makes known."""


class RecordChecker(Protocol):
    def __call__(
        self,
        kind: ImportKind,
        records: Sequence[object],
        *,
        currency: Currency,
        zone: ZoneInfo,
        last_day: int,
        unpriced: Unpriced | None = None,
    ) -> CheckedRecords:
        """Check values of JSON, which should be objects of the fields of orders or activity; rows count
        from 1. `last_day` is the latest believable epoch day.

        `unpriced` is asked where an order number comes again and the first of its rows is in another
        currency: one without a rate is rejected, and the next of its rows counts."""

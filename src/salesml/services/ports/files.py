"""Files on their way in: understood first, then staged as typed Arrow data."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

import pyarrow as pa

from salesml.core.files import FileReading, ReadingOptions, ReadSoFar, Staged
from salesml.core.imports import ImportKind
from salesml.core.money import Currency


class FileReader(Protocol):
    def inspect(self, path: Path, kind: ImportKind, options: ReadingOptions) -> FileReading:
        """Understand a file from its beginning. Raises FileRefused: unreadable, too large, empty, a column
        missing, or two readings possible."""

    def stage(
        self,
        path: Path,
        reading: FileReading,
        *,
        file_sha256: str,
        currency: Currency,
        zone: ZoneInfo,
        last_day: int,
        folder: Path,
        progress: Callable[[ReadSoFar], None],
    ) -> Staged:
        """Read, check and sum the whole file into `folder`, in bounded memory; `progress` is told of every
        part that has been read, and of the end.

        `last_day` is the latest believable epoch day (later ones are set aside). A second call for the
        same file and folder starts anew and gives the same. Raises FileRefused.
        """

    def good(self, staged: Staged, kind: ImportKind, start: int, size: int) -> Iterator[pa.Table]:
        """The good rows from position `start` on, in chunks of at most `size`, always in the same order.

        Every kind has `row` (int64, first data row, from 1). Orders: order_id, client_external_id (null
        for a guest), ordered_at, ordered_day, amount, kind, cancels, currency (null for the own one),
        rate_day (of the exchange rate; null for its own day), original_amount (null unless it is converted
        already).
        Clients: client_external_id, first_name, last_name, email, registered_at, registered_day, every
        consent (bool) and its date. Activity: client_external_id, day, visits, seconds_on_site, ad_clicks,
        newsletter_opens.
        """

    def rejected(self, staged: Staged, start: int, size: int) -> Iterator[pa.Table]:
        """Rows set aside, by row: row (int64), field, code, reason, raw, record (text)."""

    def whole_orders(
        self, path: Path, reading: FileReading, staged: Staged, rows: Sequence[int], after: int, size: int
    ) -> Iterator[pa.Table]:
        """Of staged orders known by the ascending `rows`, the rows of the file behind `after`, in chunks of
        at most `size`: row (int64), first (the row that the order is known by), record (text). A file of line
        items has several for an order."""

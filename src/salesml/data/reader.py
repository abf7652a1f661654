"""The reader of files: what services see of this package."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from salesml.core.files import FileReading, ReadingOptions, ReadSoFar, Staged
from salesml.core.imports import ImportKind
from salesml.core.money import Currency
from salesml.data import finishing, inspection, originals, staging
from salesml.data.schemas import GOOD, REJECTED


class FileReader:
    """Reads CSV (plain or gzip) and Parquet files of orders, clients and activity."""

    def inspect(self, path: Path, kind: ImportKind, options: ReadingOptions) -> FileReading:
        """Understand a file from its beginning, looking over all of it for size and encoding.

        Raises FileRefused (a folder, missing, empty, header only, too large, unreadable, columns missing,
        two readings possible) and InvalidValue (an option that does not exist).
        """
        return inspection.inspect(path, kind, options)

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
        """Read, check and sum the whole file into `folder`, anew on every call; raises FileRefused.

        Rows stand in file order with money exact and rounded half-even once; whatever a killed staging
        left has another name and is never taken for a whole one.
        """
        conditions = staging.Conditions(currency=currency, zone=zone, last_day=last_day)
        return staging.stage(
            path, reading, conditions, file_sha256=file_sha256, folder=folder, progress=progress
        )

    def good(self, staged: Staged, kind: ImportKind, start: int, size: int) -> Iterator[pa.Table]:
        """Good rows from position `start` on, in chunks of at most `size`; columns as the port says."""
        return _chunks(staged.folder / staging.COMPLETE / finishing.GOOD, GOOD[kind], start, size)

    def rejected(self, staged: Staged, start: int, size: int) -> Iterator[pa.Table]:
        """Rows set aside, by row, from position `start` on: row, field, code, reason, raw."""
        return _chunks(staged.folder / staging.COMPLETE / finishing.REJECTED, REJECTED, start, size)

    def whole_orders(
        self, path: Path, reading: FileReading, staged: Staged, rows: Sequence[int], after: int, size: int
    ) -> Iterator[pa.Table]:
        """Rows of the file behind `after`, whole, in chunks of at most `size`; columns as the port says."""
        good = staged.folder / staging.COMPLETE / finishing.GOOD
        wanted = np.array(rows, np.int64)
        for table in originals.of_orders(path, reading, good, wanted, after):
            for offset in range(0, table.num_rows, size):
                yield table.slice(offset, size)


def _chunks(path: Path, schema: pa.Schema, start: int, size: int) -> Iterator[pa.Table]:
    with pq.ParquetFile(path) as file:
        position = 0
        for group in range(file.metadata.num_row_groups):
            rows = file.metadata.row_group(group).num_rows
            skip = min(max(start - position, 0), rows)
            position += rows
            if skip == rows:
                continue
            table = file.read_row_group(group, columns=schema.names).cast(schema)
            for offset in range(skip, rows, size):
                yield table.slice(offset, size)

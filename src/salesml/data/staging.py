"""A whole file into typed Parquet, in bounded memory.

First every block is checked and written down (`checked.parquet`, `bad.parquet`); then DuckDB, which spills
to disk, judges what needs the whole file: repeats, conflicts and the sums of line items. The folder gets
its final name only when all is there.
"""

import shutil
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from salesml.core.activity import METRICS, Coverage
from salesml.core.errors import FileRefused
from salesml.core.files import FileReading, ReadSoFar, Staged
from salesml.core.imports import ImportKind
from salesml.core.money import Currency
from salesml.data import activity, clients, finishing, orders, originals, tables
from salesml.data.blocks import ahead, by_field, gathered
from salesml.data.checking import BAD, Checker, malformed_table
from salesml.data.clock import shop_clock
from salesml.data.plan import Plan
from salesml.data.sql import quoted

COMPLETE = "staged"
PARTIAL = "staged.partial"
GROUP_ROWS = 65_536
MEMORY_MB = 384


@dataclass(frozen=True, kw_only=True)
class Conditions:
    """What the installation holds true: its currency and zone, and the latest believable epoch day."""

    currency: Currency
    zone: ZoneInfo
    last_day: int


def stage(
    path: Path,
    reading: FileReading,
    conditions: Conditions,
    *,
    file_sha256: str,
    folder: Path,
    progress: Callable[[ReadSoFar], None],
) -> Staged:
    """See FileReader.stage."""
    partial, complete = folder / PARTIAL, folder / COMPLETE
    for old in (partial, complete):
        shutil.rmtree(old, ignore_errors=True)
    partial.mkdir(parents=True)
    plan = _plan(reading, conditions.currency, file_sha256)
    with closing(_connect(partial)) as con:
        clock = shop_clock(conditions.zone, conditions.last_day)
        checker = Checker(con=con, plan=plan, clock=clock, last_day=conditions.last_day)
        try:
            rows = _check(path, reading, checker, partial, progress)
            repeated = finishing.finish(con, plan, reading, conditions.currency, partial)
            coverage = _coverage(con, reading, partial)
            _add_records(con, path, reading, partial)
        except duckdb.OutOfMemoryException:
            raise FileRefused("needs_memory", file=path, limit_mb=MEMORY_MB) from None
    shutil.rmtree(partial / "spill", ignore_errors=True)
    partial.rename(complete)
    return Staged(
        folder=folder,
        rows=rows,
        good=_count(complete / finishing.GOOD),
        rejected=_count(complete / finishing.REJECTED),
        repeated=repeated,
        coverage=coverage,
    )


def _plan(reading: FileReading, currency: Currency, file_sha256: str) -> Plan:
    if reading.kind is ImportKind.ORDERS:
        return orders.plan(reading, currency, file_sha256)
    return clients.plan(reading) if reading.kind is ImportKind.CLIENTS else activity.plan(reading)


def _connect(folder: Path) -> duckdb.DuckDBPyConnection:
    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": f"{MEMORY_MB}MB",
        "temp_directory": str(folder / "spill"),
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }
    return duckdb.connect(":memory:", config=settings)


def _check(
    path: Path, reading: FileReading, checker: Checker, folder: Path, progress: Callable[[ReadSoFar], None]
) -> int:
    """Write every row down as checked or bad; answers how many there were."""
    rows, consumed, size = 0, 0, path.stat().st_size
    written: pq.ParquetWriter | None = None
    with ExitStack() as files:
        bad_writer = files.enter_context(pq.ParquetWriter(folder / finishing.BAD, BAD, compression="lz4"))
        for block in ahead(gathered(tables.blocks(path, reading, _wanted(reading)))):
            for start in range(0, block.malformed.num_rows, GROUP_ROWS):
                bad_writer.write_table(_malformed(block.malformed.slice(start, GROUP_ROWS), reading))
            good, refused = checker.check(by_field(block.table, reading, checker.plan.fields))
            bad_writer.write_table(refused)
            if written is None:
                writer = pq.ParquetWriter(folder / finishing.CHECKED, good.schema, compression="lz4")
                written = files.enter_context(writer)
            written.write_table(good, row_group_size=GROUP_ROWS)
            rows += block.table.num_rows + block.malformed.num_rows
            # The members of an archive may lie in another order than they are listed.
            consumed = min(max(consumed, block.consumed), size)
            progress(ReadSoFar(rows=rows, bytes=consumed, total_bytes=size))
    progress(ReadSoFar(rows=rows, bytes=size, total_bytes=size))
    return rows


def _wanted(reading: FileReading) -> list[int]:
    return sorted({reading.columns.index(column) for column in reading.mapping.values()})


def _malformed(rows: pa.Table, reading: FileReading) -> pa.Table:
    """Malformed rows as bad ones. Of line items with their order numbers as far as they are there: the sum
    of such an order is unknown."""
    column = reading.mapping.get("order_id")
    if not reading.lines or column is None or reading.format != "csv":
        return malformed_table(rows, len(reading.columns), None)
    index = reading.columns.index(column)
    cells = (originals.cells_of(text, reading.separator) for text in rows["text"].to_pylist())
    orders = [row[index].strip() or None if index < len(row) else None for row in cells]
    return malformed_table(rows, len(reading.columns), orders)


def _add_records(con: duckdb.DuckDBPyConnection, path: Path, reading: FileReading, folder: Path) -> None:
    """Put the whole row beside every refused one, by reading the file again as far as the last of them."""
    short, found, full = (folder / name for name in (finishing.REJECTED, "records.parquet", "full.parquet"))
    rows = np.unique(pq.read_table(short, columns=["row"])["row"].to_numpy())
    with pq.ParquetWriter(found, originals.RECORDS, compression="lz4") as writer:
        for lines in originals.records(path, reading, rows):
            writer.write_table(lines)
    joined = (
        f"SELECT refused.*, record FROM read_parquet({quoted(str(short))}) AS refused "
        f"LEFT JOIN read_parquet({quoted(str(found))}) USING (row) ORDER BY row"
    )
    con.execute(f"COPY ({joined}) TO {quoted(str(full))} {finishing.FORMAT}")
    full.replace(short)
    found.unlink()


def _coverage(con: duckdb.DuckDBPyConnection, reading: FileReading, folder: Path) -> tuple[Coverage, ...]:
    """First and last good day on which an activity file has a value of a metric.

    An empty cell between them counts as none that day; a column that is empty throughout says nothing.
    """
    if reading.kind is not ImportKind.ACTIVITY:
        return ()
    good = quoted(str(folder / finishing.GOOD))
    metrics = [metric for metric in METRICS if metric in reading.mapping]
    spans = ", ".join(
        f"min(day) FILTER ({name} IS NOT NULL), max(day) FILTER ({name} IS NOT NULL)" for name in metrics
    )
    ends = con.execute(f"SELECT {spans} FROM read_parquet({good})").fetchall()[0]
    return tuple(
        Coverage(metric=metric, first_day=first, last_day=last)
        for metric, first, last in zip(metrics, ends[::2], ends[1::2], strict=True)
        if first is not None
    )


def _count(path: Path) -> int:
    return int(pq.read_metadata(path).num_rows)

"""Lists that leave as files, and everything that is known of one client."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import IO

import pyarrow as pa

from salesml.core.days import day_of
from salesml.core.errors import InvalidValue
from salesml.core.exports import COLUMNS, ExportFormat, ExportNoun, ExportQuery
from salesml.services import installation
from salesml.services.ports.exports import TableWriter
from salesml.services.ports.unit_of_work import UnitOfWork

MAX_WORKBOOK_ROWS = 100_000
"""Of a workbook that somebody waits for: writing one takes some 15 seconds for so many rows."""


def write(
    uow: UnitOfWork,
    query: ExportQuery,
    as_format: ExportFormat,
    file: IO[bytes],
    writer: TableWriter,
    now: datetime,
    progress: Callable[[int], None] | None = None,
    max_rows: int | None = None,
) -> int:
    """Write a list into a file, as one snapshot has it and in bounded memory; answers the number of rows.

    `progress` gets the rows so far. Raises NotFound for a client, run or import that does not exist, and
    InvalidValue where the list needs one, or, before anything is written, for one of more than `max_rows`.
    """
    check(uow, query)
    here, rows = installation.current(uow), 0
    chunks = uow.exports.chunks(
        query, currency=here.currency, threshold=here.threshold, today=day_of(now, here.zone)
    )
    if max_rows is not None:
        chunks = iter(_at_most(chunks, max_rows))
    with writer(file, as_format, COLUMNS[query.noun], currency=here.currency, zone=here.zone) as take:
        for chunk in chunks:
            take(chunk)
            rows += chunk.num_rows
            if progress is not None:
                progress(rows)
    return rows


def _at_most(chunks: Iterator[pa.Table], max_rows: int) -> list[pa.Table]:
    found, rows = [], 0
    for chunk in chunks:
        found.append(chunk)
        rows += chunk.num_rows
        if rows > max_rows:
            raise InvalidValue(
                "format",
                f"would take too long: the list has more than {max_rows:,} rows; choose csv or parquet, or "
                "narrow the list, by from and to for instance",
            )
    return found


def check(uow: UnitOfWork, query: ExportQuery) -> None:
    """Raises NotFound for a client, run or import that does not exist, InvalidValue where one is missing."""
    if query.client_id is not None:
        uow.clients.get(query.client_id)
    if query.run_id is not None:
        uow.predictions.get_run(query.run_id)
    if query.import_id is not None:
        uow.imports.get(query.import_id)
    elif query.noun is ExportNoun.REJECTED:
        raise InvalidValue("import_id", "is missing: rows are set aside by one import")


def file_name(query: ExportQuery, as_format: ExportFormat, day: str) -> str:
    """What a download is called: `clients-2026-01-31.csv`."""
    of = f"-of-import-{query.import_id}" if query.import_id else ""
    return f"{query.noun.value}{of}-{day}.{as_format.value}"

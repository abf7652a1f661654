"""Rows that an import set aside, as a file: mended in a spreadsheet, it can be imported again."""

import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import groupby
from typing import IO

import pyarrow as pa
from fastapi.concurrency import run_in_threadpool
from starlette.responses import Response

from salesml.core.exports import ExportColumn, ExportFormat, Holds
from salesml.core.imports import Import, RejectedRow
from salesml.http.exports import sent
from salesml.http.state import HttpState
from salesml.services import imports, installation
from salesml.wiring import App

_OURS = ("salesml_row", "salesml_field", "salesml_code", "salesml_reason")
_READ = 2_000


async def download_rejected(state: HttpState, import_id: int) -> Response:
    """A CSV file with the columns of the imported file behind row, field, code and reason; a row with several
    faults stands in it once. Raises NotFound."""
    async with state.exporting:
        file, opened, name = await run_in_threadpool(_written, state.app, import_id)
    return sent(file, opened, f"{name}-set-aside.csv", ExportFormat.CSV)


def _written(app: App, import_id: int) -> tuple[IO[bytes], ExitStack, str]:
    importing, here = app.tx.read(imports.get, import_id), app.tx.read(installation.current)
    names = _columns(importing)
    columns = [ExportColumn(name=name, holds=Holds.TEXT) for name in names]
    with ExitStack() as opened:
        file = opened.enter_context(app.nameless_file())
        with app.write_table(file, ExportFormat.CSV, columns, currency=here.currency, zone=here.zone) as take:
            for rows in _chunks(app, import_id):
                cells = [line for each in rows for line in _cells(each, len(names))]
                values = [pa.array(column, pa.string()) for column in zip(*cells, strict=True)]
                take(pa.table(values, names=names))
        return file, opened.pop_all(), importing.file_name.partition(".")[0] or "rows"


def _columns(importing: Import) -> list[str]:
    """Our columns, then those of the file; a name that is taken gets a number."""
    names = list(_OURS)
    told = importing.reading.get("columns")
    for name in told if isinstance(told, list) else []:
        plain, number = str(name), 2
        while name in names:
            name, number = f"{plain} {number}", number + 1
        names.append(str(name))
    return names


def _chunks(app: App, import_id: int) -> Iterator[Sequence[Sequence[RejectedRow]]]:
    """Faults by row, some rows at a time; an import is closed, so they do not change meanwhile."""
    held: list[RejectedRow] = []
    after: tuple[int, str, str] | None = None
    while found := app.tx.read(imports.rejected, import_id, _READ, after):
        after = found[-1].row, found[-1].field, found[-1].code
        *whole, held = _by_row([*held, *found])
        if whole:
            yield whole
    if held:
        yield [held]


def _by_row(faults: Sequence[RejectedRow]) -> list[list[RejectedRow]]:
    return [list(each) for _, each in groupby(faults, key=lambda fault: fault.row)]


def _cells(faults: Sequence[RejectedRow], width: int) -> list[list[str]]:
    """A line for a row; of an order of several items, one for each."""
    first = faults[0]
    told = [str(first.row), *("; ".join(dict.fromkeys(each)) for each in _texts(faults))]
    records = list(csv.reader(io.StringIO(first.record or "", newline="\n"))) or [[]]
    return [(told + record + [""] * width)[:width] for record in records]


def _texts(faults: Sequence[RejectedRow]) -> tuple[list[str], list[str], list[str]]:
    return [each.field for each in faults], [each.code for each in faults], [each.reason for each in faults]

"""Lists as downloads: written whole into a file that nobody else sees, then sent piece by piece."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import IO
from urllib.parse import quote

from fastapi.concurrency import run_in_threadpool
from starlette.background import BackgroundTask
from starlette.responses import Response, StreamingResponse

from salesml.core.exports import ExportFormat, ExportQuery
from salesml.http.state import HttpState
from salesml.services import exports
from salesml.wiring import App

MEDIA_TYPES = {
    ExportFormat.CSV: "text/csv",
    ExportFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ExportFormat.PARQUET: "application/vnd.apache.parquet",
}
_PIECE = 256 * 1024


async def download(state: HttpState, query: ExportQuery, as_format: ExportFormat) -> Response:
    """A list as a file. Nothing is sent before all is written, so that no download ends halfway as if it
    were complete. Raises NotFound, InvalidValue, also for a workbook of too many rows."""
    async with state.exporting:
        file, opened = await run_in_threadpool(_written, state.app, query, as_format)
    name = exports.file_name(query, as_format, datetime.now(UTC).date().isoformat())
    return sent(file, opened, name, as_format)


def sent(file: IO[bytes], opened: ExitStack, name: str, as_format: ExportFormat) -> Response:
    """A written file as a download; `opened` is closed behind it."""
    size = file.seek(0, 2)
    file.seek(0)
    return StreamingResponse(
        _pieces(file, opened),
        media_type=MEDIA_TYPES[as_format],
        headers={
            "Content-Disposition": _attachment(name),
            "Content-Length": str(size),
            "Cache-Control": "no-store",
        },
        background=BackgroundTask(opened.close),
    )


def _attachment(name: str) -> str:
    """RFC 6266: a plain name for everybody, and the real one where that says more."""
    plain = re.sub(r"[^\w. -]", "_", name, flags=re.ASCII)
    real = "" if plain == name else f"; filename*=UTF-8''{quote(name)}"
    return f'attachment; filename="{plain}"{real}'


def _written(app: App, query: ExportQuery, as_format: ExportFormat) -> tuple[IO[bytes], ExitStack]:
    with ExitStack() as opened:
        file = opened.enter_context(app.nameless_file())
        limit = exports.MAX_WORKBOOK_ROWS if as_format is ExportFormat.XLSX else None
        now = datetime.now(UTC)
        app.tx.read(exports.write, query, as_format, file, app.write_table, now, max_rows=limit)
        return file, opened.pop_all()


def _pieces(file: IO[bytes], opened: ExitStack) -> Iterator[bytes]:
    with opened:
        while piece := file.read(_PIECE):
            yield piece

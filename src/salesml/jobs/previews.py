"""Preview jobs: read and check a whole file, and count what importing it would do. Nothing is written.

The first rows lie beside the received file, and go with it: rows of clients are not kept in the queue.
"""

import json
import shutil
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from salesml.core.days import day_of
from salesml.core.files import Staged
from salesml.core.import_requests import ImportRequest
from salesml.core.imports import ImportCounts, ImportKind, RejectedRow
from salesml.core.jobs import Progress
from salesml.core.plain import from_plain, to_plain
from salesml.core.previews import SHOWN_ROWS, Preview, PreviewRows
from salesml.jobs.context import JobContext
from salesml.jobs.imports import checked_reading, reading_progress
from salesml.services import installation, previews
from salesml.services.ports.unit_of_work import UnitOfWork
from salesml.services.previews import Outlook
from salesml.wiring import App

CHUNK = 5_000
Show = Callable[[Progress], None]


def run(context: JobContext) -> None:
    """Handle one preview job; one that was killed begins anew."""
    staging = context.app.settings.data_dir / "staging"
    # Previews run one after the other, so every other folder was left by one that was killed.
    for old in staging.glob("preview-*"):
        shutil.rmtree(old, ignore_errors=True)
    request = ImportRequest.of(context.job.args)
    folder = staging / f"preview-{context.job.id}-{context.job.token}"
    preview, rows = look(context.app, request, folder, asked_at=context.job.created_at, show=context.show)
    if request.spooled:
        _rows_file(request.path, context.job.id).write_text(json.dumps(to_plain(rows), ensure_ascii=False))
    context.complete(_result, preview)


def look(
    app: App, request: ImportRequest, folder: Path, *, asked_at: datetime, show: Show
) -> tuple[Preview, PreviewRows]:
    """Stage the file into a folder that is gone afterwards, and count. Raises FileRefused."""
    reading = checked_reading(app, request)
    here = app.tx.read(installation.current)
    try:
        staged = app.reader.stage(
            request.path,
            reading,
            file_sha256=request.sha256,
            currency=here.currency,
            zone=here.zone,
            last_day=day_of(asked_at, here.zone) + 1,
            folder=folder,
            progress=lambda read: show(reading_progress(read)),
        )
        outlook = _count(app, request, staged, show)
        preview = Preview(
            reading=replace(reading, sample=()),
            counts=outlook.counts,
            reasons=dict(sorted(outlook.reasons.items())),
            file=app.describe_file(staged, request.kind),
            net_repeated=outlook.net_repeated,
            net_conflicts=outlook.net_conflicts,
        )
        return preview, _first_rows(app, request.kind, staged, reading.sample)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def first_rows(path: Path, job_id: int) -> PreviewRows | None:
    """The first rows of a received file, as a preview left them; None once the file is gone."""
    try:
        return from_plain(PreviewRows, json.loads(_rows_file(path, job_id).read_text()))
    except FileNotFoundError:
        return None


def _rows_file(path: Path, job_id: int) -> Path:
    return path.parent / f".preview-{job_id}.json"


def _count(app: App, request: ImportRequest, staged: Staged, show: Show) -> Outlook:
    counts = ImportCounts(rows=staged.rows, repeated=staged.repeated, rejected=staged.rejected)
    outlook = Outlook(counts=counts)
    for refused in app.reader.rejected(staged, 0, CHUNK):
        pairs = set(zip(refused["row"].to_pylist(), refused["code"].to_pylist(), strict=True))
        for code, rows in Counter(code for _, code in pairs).items():
            outlook.give_reason(code, rows)
    done = 0
    for rows in app.reader.good(staged, request.kind, 0, CHUNK):
        app.tx.read(previews.count, request.kind, request.source, rows, outlook, update=request.update)
        done += rows.num_rows
        show(Progress(stage="comparing", done=done, total=staged.good))
    return outlook


def _first_rows(
    app: App, kind: ImportKind, staged: Staged, cells: tuple[tuple[str | None, ...], ...]
) -> PreviewRows:
    good = next(iter(app.reader.good(staged, kind, 0, SHOWN_ROWS)), None)
    refused = next(iter(app.reader.rejected(staged, 0, SHOWN_ROWS)), None)
    return PreviewRows(
        cells=cells[:SHOWN_ROWS],
        good=() if good is None else tuple(good.to_pylist()),
        rejected=() if refused is None else tuple(RejectedRow(**row) for row in refused.to_pylist()),
    )


def _result(uow: UnitOfWork, preview: Preview) -> Mapping[str, object]:
    currency = installation.current(uow).currency.code
    return {"currency": currency, **to_plain(preview)}

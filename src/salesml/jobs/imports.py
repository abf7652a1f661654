"""Import jobs: understand, stage, publish in chunks, make visible.

The checkpoint is {"import_id", "stage", "position"}. A job that was killed goes on behind the last
chunk that was committed; staging writes nothing to the database and simply starts anew.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from time import monotonic

from salesml.core.days import day_of
from salesml.core.errors import ColumnsMissing, FileUnreadable
from salesml.core.files import FileReading, ReadSoFar, Staged
from salesml.core.import_requests import ImportRequest
from salesml.core.imports import ImportKind
from salesml.core.jobs import Progress
from salesml.core.reports import FileReport
from salesml.jobs.context import JobContext, now
from salesml.jobs.files import file_sha256
from salesml.jobs.removal import remove_staged, staging_folder, take_back, undo
from salesml.jobs.sources import with_file
from salesml.services import imports, installation, reports, sources
from salesml.services.ports.unit_of_work import UnitOfWork
from salesml.wiring import App

CHUNK = 65_536
"""The most rows of one transaction: a row group of the staged file."""
TURN_S = 0.5
"""How long a transaction is to keep the write lock. The longer, the fewer times the same pages of indexes are
written."""


def run(context: JobContext) -> None:
    """Handle one import job from where its checkpoint stands.

    One that undoes an import is of the same kind, so that the two never meet.
    """
    if "undo" in context.job.args:
        undo(context)
        return
    told = with_file(context)
    if told is None:
        return
    context, request = told, ImportRequest.of(told.job.args)
    path, kind, reading = request.path, request.kind, checked_reading(context.app, request)
    import_id = _begin(context, kind, reading)
    staged = _stage(context, path, reading, import_id)
    _publish(context, kind, import_id, staged)
    _keep_whole(context, path, reading, import_id, staged)
    _keep_rejected(context, import_id, staged)
    file = context.app.describe_file(staged, kind)
    context.complete(_finish, request, import_id, staged, file, now())
    remove_staged(context, import_id)


def clean_up(context: JobContext) -> None:
    """Take back whatever the import of this job has written, and close it; goes on where it was killed.

    An undoing that has begun is brought to its end: what is gone cannot come back.
    """
    if "import_id" in context.job.checkpoint:
        take_back(context, _number(context.job.checkpoint["import_id"]))


def checked_reading(app: App, request: ImportRequest) -> FileReading:
    """How the file is read. Raises FileRefused, also when it is not the file any more that was meant."""
    if file_sha256(request.path) != request.sha256:
        raise FileUnreadable("changed_since", file=request.path.name)
    reading = app.reader.inspect(request.path, request.kind, request.options)
    # A file's rows without numbers are known by the file; what a database answers is another one each time.
    if request.position and request.kind is ImportKind.ORDERS and "order_id" not in reading.mapping:
        raise ColumnsMissing(request.kind, ["order_id"], reading.columns)
    return reading


def reading_progress(read: ReadSoFar) -> Progress:
    """How far a file is read, as those see it who wait for it."""
    return Progress(stage="reading", done=read.rows, bytes=read.bytes, total_bytes=read.total_bytes)


def _begin(context: JobContext, kind: ImportKind, reading: FileReading) -> int:
    if "import_id" in context.job.checkpoint:
        return _number(context.job.checkpoint["import_id"])
    # Imports run one after the other, so an unfinished one here was left by a job that was given up.
    for orphan in context.app.tx.read(imports.unfinished):
        take_back(context, orphan.id)
    args = context.job.args

    def begin(uow: UnitOfWork) -> int:
        return imports.begin(
            uow,
            kind=kind,
            source=str(args["source"]),
            file_name=Path(str(args["path"])).name,
            file_sha256=str(args["sha256"]),
            reading=reading,
            now=now(),
        ).id

    return int(
        context.step(
            begin, checkpoint=lambda import_id: _at(import_id, "staging"), progress=Progress(stage="reading")
        )
    )


def _stage(context: JobContext, path: Path, reading: FileReading, import_id: int) -> Staged:
    here = context.app.tx.read(installation.current)
    folder = staging_folder(context, import_id)
    staged = context.app.reader.stage(
        path,
        reading,
        file_sha256=str(context.job.args["sha256"]),
        currency=here.currency,
        zone=here.zone,
        # A day's grace for clocks and zones; by the job's own time, so that a resumed job reads the same.
        last_day=day_of(context.job.created_at, here.zone) + 1,
        folder=folder,
        progress=lambda read: context.show(reading_progress(read)),
    )
    if context.job.checkpoint.get("stage", "staging") == "staging":
        if staged.good == 0:
            # The import is about to be refused: whoever asked for it shall see which rows, and why.
            _keep_rejected(context, import_id, staged)
        context.step(
            imports.begin_publishing,
            import_id,
            staged,
            path.name,
            now(),
            checkpoint=_reached(import_id, "publishing"),
            progress=Progress(stage="storing", total=staged.good),
        )
    return staged


def _publish(context: JobContext, kind: ImportKind, import_id: int, staged: Staged) -> None:
    position = _position(context, "publishing")
    if position is None:
        return
    size = _first_size()
    for group in context.app.reader.good(staged, kind, position, CHUNK):
        start = 0
        while start < group.num_rows:
            rows = group.slice(start, size)
            start, position, began = start + rows.num_rows, position + rows.num_rows, monotonic()
            context.step(
                imports.publish,
                import_id,
                rows,
                bool(context.job.args.get("update")),
                checkpoint=_reached(import_id, "publishing", position),
                progress=Progress(stage="storing", done=position, total=staged.good),
            )
            size = _next_size(size, rows.num_rows / (monotonic() - began))


def _first_size() -> int:
    return max(1, CHUNK // 8)


def _next_size(size: int, rows_per_s: float) -> int:
    """As many rows as take TURN_S at this speed, but at most twice the last ones."""
    return max(1, min(CHUNK, 2 * size, max(_first_size() // 4, int(rows_per_s * TURN_S))))


def _keep_whole(
    context: JobContext, path: Path, reading: FileReading, import_id: int, staged: Staged
) -> None:
    """Put the rows of the file beside the orders that publishing refused: the file is read once more."""
    position = _position(context, "keeping whole")
    if position is None or not (rows := context.app.tx.read(imports.refused_rows, import_id)):
        return
    found = context.app.reader.whole_orders(path, reading, staged, rows, position, _first_size())
    for lines in found:
        position = lines["row"][-1].as_py()
        context.step(
            imports.keep_records,
            import_id,
            lines,
            checkpoint=_reached(import_id, "keeping whole", position),
            progress=Progress(stage="setting aside", done=position, total=staged.rows),
        )


def _keep_rejected(context: JobContext, import_id: int, staged: Staged) -> None:
    position = _position(context, "setting aside") or 0
    for rows in context.app.reader.rejected(staged, position, _first_size()):
        position += rows.num_rows
        context.step(
            imports.keep_rejected,
            import_id,
            rows,
            checkpoint=_reached(import_id, "setting aside", position),
            progress=Progress(stage="setting aside", done=position, total=staged.rejected),
        )


def _finish(
    uow: UnitOfWork, request: ImportRequest, import_id: int, staged: Staged, file: FileReport, at: datetime
) -> Mapping[str, object]:
    done = imports.finish(uow, import_id, staged, at)
    reports.keep(uow, import_id, file, sources.keep(uow, request.position, at))
    reasons = dict(uow.imports.reasons(import_id))
    return {"import_id": import_id, "kind": done.kind, **asdict(done.counts), "reasons": reasons}


def _at(import_id: int, stage: str, position: int = 0) -> Mapping[str, object]:
    return {"import_id": import_id, "stage": stage, "position": position}


def _reached(import_id: int, stage: str, position: int = 0) -> Callable[[object], Mapping[str, object]]:
    return lambda _: _at(import_id, stage, position)


def _position(context: JobContext, stage: str) -> int | None:
    """Where a resumed job goes on in this stage: 0 if it had not come so far, None if it was past it."""
    order = ["staging", "publishing", "keeping whole", "setting aside"]
    reached = str(context.job.checkpoint.get("stage", "staging"))
    if reached == stage:
        return _number(context.job.checkpoint["position"])
    return 0 if order.index(reached) < order.index(stage) else None


def _number(value: object) -> int:
    return int(str(value))

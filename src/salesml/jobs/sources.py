"""Rows of foreign databases on their way in: first they become a file, which is then imported as any other.

The file and a note of what it is lie in a folder of the job. Whoever goes on with a killed job finds both,
or reads anew if nothing was stored yet.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from salesml.core.errors import FileUnreadable, SourceRefused
from salesml.core.import_requests import ImportRequest
from salesml.core.imports import ImportCounts
from salesml.core.jobs import Progress
from salesml.core.sources import Position, Question
from salesml.jobs.context import JobContext
from salesml.jobs.files import file_sha256
from salesml.jobs.spool import FOLDER, folder_name
from salesml.services import sources
from salesml.services.ports.unit_of_work import UnitOfWork
from salesml.services.sources import SourceRequest
from salesml.wiring import App

_MIB = 1024**2
_NOTE = "fetched.json"
_MAX_NAME = 80


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """A file of `rows` rows, and where the next run goes on once it is imported."""

    path: Path
    sha256: str
    rows: int
    position: Position


def fetch(
    app: App, address: str, question: Question, key: str, target: Path, progress: Callable[[int], None]
) -> Fetched:
    """Read a foreign database from where its last import ended. Raises SourceRefused."""
    asked = app.tx.read(sources.resumed, question, key)
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    limit = app.settings.max_file_mb * _MIB
    found = app.extract(address, asked, target, max_bytes=limit, progress=progress)
    reached = Position(key=key, value=found.newest)
    return Fetched(path=target, sha256=file_sha256(target), rows=found.rows, position=reached)


def file_name(connection: str) -> str:
    """What a file of this connection, or of an address without its password, is called."""
    return re.sub(r"[^\w.-]+", "-", connection).strip("-.")[-_MAX_NAME:] + ".parquet"


def with_file(context: JobContext) -> JobContext | None:
    """The same job as one of a file; None when there was nothing to read, and the job has ended.

    Raises SourceRefused, FileUnreadable when the rows that a killed job went by are gone.
    """
    if "from" not in context.job.args:
        return context
    asked, fetched = SourceRequest.of(context.job.args), _fetched(context)
    if fetched.rows == 0:
        context.complete(_nothing_new, asked)
        return None
    request = ImportRequest(
        path=fetched.path,
        kind=asked.kind,
        source=asked.source,
        sha256=fetched.sha256,
        update=asked.update,
        position=fetched.position,
    )
    return replace(context, job=replace(context.job, args=request.args))


def _fetched(context: JobContext) -> Fetched:
    folder = _folder(context)
    note = folder / _NOTE
    if not note.exists():
        if "import_id" in context.job.checkpoint:
            raise FileUnreadable("source_rows_gone")
        _note(note, _read(context, folder))
    told = json.loads(note.read_text())
    reached = Position(**told["position"])
    return Fetched(path=Path(told["path"]), sha256=told["sha256"], rows=told["rows"], position=reached)


def _read(context: JobContext, folder: Path) -> Fetched:
    asked = SourceRequest.of(context.job.args)
    address = context.app.settings.sources.get(asked.connection)
    if address is None:
        raise SourceRefused("source_unknown", connection=asked.connection)
    # Of this claim alone: a process that slept past its lease may wake up and go on writing.
    target = folder / str(context.job.token) / file_name(asked.connection)
    return fetch(
        context.app,
        address.get_secret_value(),
        asked.question,
        asked.key(),
        target,
        lambda rows: context.show(Progress(stage="fetching", done=rows)),
    )


def _note(note: Path, fetched: Fetched) -> None:
    """The first one counts: whoever was too slow goes by it as well."""
    written = fetched.path.with_suffix(".json")
    written.write_text(json.dumps({**asdict(fetched), "path": str(fetched.path)}))
    try:
        note.hardlink_to(written)
    except FileExistsError:
        return


def _folder(context: JobContext) -> Path:
    return context.app.settings.data_dir.absolute() / FOLDER / folder_name(context.job.id)


def _nothing_new(_: UnitOfWork, asked: SourceRequest) -> Mapping[str, object]:
    return {"import_id": None, "kind": asked.kind, **asdict(ImportCounts()), "reasons": {}}

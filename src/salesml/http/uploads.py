"""Files that come over HTTP: under a limit, off the event loop, each into a folder of its own."""

import shutil
import unicodedata
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException

from salesml.core.errors import FileRefused, FileTooLarge, NotFound
from salesml.core.import_requests import ImportRequest
from salesml.core.jobs import Job
from salesml.http.state import HttpState
from salesml.jobs.files import file_sha256
from salesml.jobs.spool import FOLDER
from salesml.services import import_requests
from salesml.settings import Settings
from salesml.wiring import App

AskFor = Callable[..., Job]
"""A use case of `services.requests` that takes a request of a file."""
_MIB = 1024**2
_MAX_NAME = 120


@asynccontextmanager
async def upload_form(request: Request, settings: Settings) -> AsyncIterator[FormData]:
    """The fields of a multipart body with one file, which is gone again at the end.

    Raises FileTooLarge, which names the setting, where BodyLimit ends the body.
    """
    try:
        form = await request.form(max_files=1, max_fields=20)
    except HTTPException as error:
        if error.status_code != HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            raise
        raise FileTooLarge("upload_too_large", limit_mib=settings.max_upload_mb) from None
    try:
        yield form
    finally:
        await form.close()


async def take_upload(
    state: HttpState, file: UploadFile, request: ImportRequest, ask: AskFor, *, actor: str
) -> Job:
    """Keep the file and ask for its import or preview; `path`, `sha256` and `spooled` of the request are set
    here.

    Raises FileRefused for a file that cannot be read as the request says, and keeps nothing of it then.
    """
    folder = state.app.settings.data_dir / FOLDER / str(uuid4())
    try:
        ready = await run_in_threadpool(_received, state.app, file.file, folder, file.filename, request)
        job = await state.tx.run(ask, ready, actor=actor, now=datetime.now(UTC))
    except BaseException:
        # Not awaited: a request that was cut off gets no further turn.
        shutil.rmtree(folder, ignore_errors=True)
        raise
    if job.args["path"] != str(ready.path):
        # The same content was asked for already, and that job has its own copy.
        await run_in_threadpool(shutil.rmtree, folder, ignore_errors=True)
    return job


async def preview_again(state: HttpState, job_id: int, request: ImportRequest, *, actor: str) -> Job:
    """Preview the file of another preview, read in another way; kind, source, options and `update` are those
    of the request.

    Raises NotFound for what is no preview and once its file is gone, FileRefused as `take_upload`.
    """
    before = await state.tx.read(import_requests.previewed, job_id)
    ready = replace(request, path=before.path, sha256=before.sha256, spooled=before.spooled)
    if not before.spooled or not ready.path.exists():
        raise NotFound(f"the file of preview {job_id} is not here any more")
    await run_in_threadpool(_inspected, state.app, ready)
    return await state.tx.run(import_requests.preview_file, ready, actor=actor, now=datetime.now(UTC))


def safe_name(given: str | None) -> str:
    """A file name without folders, control characters and tricks of direction; never empty."""
    last = (given or "").replace("\\", "/").rpartition("/")[2]
    plain = "".join(char for char in last if not unicodedata.category(char).startswith("C"))
    name = unicodedata.normalize("NFC", plain).strip(" .")
    if len(name.encode()) > _MAX_NAME:
        suffixes = "".join(Path(name).suffixes[-2:])[-20:]
        name = name.encode()[: _MAX_NAME - len(suffixes.encode())].decode(errors="ignore") + suffixes
    return name or "upload"


def _received(
    app: App, file: BinaryIO, folder: Path, name: str | None, request: ImportRequest
) -> ImportRequest:
    folder.mkdir(parents=True, mode=0o700)
    path = folder.absolute() / safe_name(name)
    with path.open("xb") as kept:
        shutil.copyfileobj(file, kept, _MIB)
    ready = replace(request, path=path, spooled=True)
    _inspected(app, ready)
    return replace(ready, sha256=file_sha256(path))


def _inspected(app: App, request: ImportRequest) -> None:
    try:
        app.reader.inspect(request.path, request.kind, request.options)
    except FileRefused as refused:
        # Where the server keeps the file is nobody's business who sent it.
        refused.args = (str(refused).replace(f"{request.path.parent}/", ""),)
        raise

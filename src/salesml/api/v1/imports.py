"""Imports of files: orders, clients and daily activity."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.datastructures import FormData, UploadFile

from salesml.api.dependencies import AnyUser, RowId, State, Tx
from salesml.api.schemas.imports import (
    ImportDetailOut,
    ImportFormIn,
    ImportOut,
    ImportPage,
    RejectedPage,
    upload_body,
)
from salesml.api.schemas.jobs import JobOut
from salesml.api.schemas.pages import Cursor, Limit
from salesml.api.v1.jobs import accepted
from salesml.core.errors import InvalidValue
from salesml.core.files import ReadingOptions
from salesml.core.import_requests import ImportRequest
from salesml.core.pages import DEFAULT_LIMIT
from salesml.http import rejects
from salesml.http.state import HttpState
from salesml.http.uploads import take_upload, upload_form
from salesml.services import import_requests, imports, mappings

router = APIRouter(prefix="/imports", tags=["imports"])
_MIB = 1024**2


@router.post("", status_code=202, openapi_extra=upload_body())
async def import_file(
    request: Request,
    response: Response,
    user: AnyUser,
    state: State,
    preview: Annotated[
        bool, Query(description="count only what would happen; the job's result tells, nothing is written")
    ] = False,
) -> JobOut:
    """Import a file in the background: CSV or JSON Lines (plain, gzip or zip), XLSX or Parquet. One that
    cannot be read is refused at once; of one that can, good rows are kept and bad ones set aside."""
    ask = import_requests.preview_file if preview else import_requests.import_file
    async with upload_form(request, state.app.settings) as form:
        file, fields = _parts(form)
        asked = await _request(fields, state)
        job = await take_upload(state, file, asked, ask, actor=user.email)
    return accepted(response, job)


@router.get("")
async def list_imports(tx: Tx, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> ImportPage:
    """Imports, the newest first."""
    page, currency = await tx.read(imports.page_here, limit=limit, cursor=cursor)
    items = [ImportOut.model_validate(ImportOut.fields_of(each, currency)) for each in page.items]
    return ImportPage(items=items, next_cursor=page.next_cursor)


@router.get("/{import_id}")
async def get_import(import_id: RowId, tx: Tx) -> ImportDetailOut:
    """How a file was understood, and what became of its rows."""
    return ImportDetailOut.of(await tx.read(imports.detail, import_id))


@router.get("/{import_id}/rejected")
async def list_rejected(
    import_id: RowId, tx: Tx, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> RejectedPage:
    """Rows that were set aside, by row, each with field, code and reason."""
    page = await tx.read(imports.rejected_page, import_id, limit=limit, cursor=cursor)
    return RejectedPage.of(page.items, page.next_cursor)


@router.get(
    "/{import_id}/rejected.csv",
    response_class=Response,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
async def download_rejected(import_id: RowId, state: State) -> Response:
    """Rows that were set aside as CSV: row number, field, code and reason, then the columns of the file
    itself, to be mended and imported again."""
    return await rejects.download_rejected(state, import_id)


@router.post("/{import_id}/undo", status_code=202)
async def undo_import(import_id: RowId, response: Response, user: AnyUser, tx: Tx) -> JobOut:
    """Take a whole published import back in the background. What only it brought goes; what another import
    also brought stays; values that it changed, and nothing has changed since, go back to what they were.
    Asking twice is the same as once."""
    job = await tx.run(import_requests.undo_import, import_id, actor=user.email, now=datetime.now(UTC))
    return accepted(response, job)


def _parts(form: FormData) -> tuple[UploadFile, dict[str, object]]:
    """The file, and the fields that are not empty: a form in a browser sends empty ones as well."""
    file = form.get("file")
    if not isinstance(file, UploadFile):
        raise InvalidValue("file", "is missing")
    return file, {name: value for name, value in form.items() if name != "file" and value != ""}


async def _request(fields: dict[str, object], state: HttpState) -> ImportRequest:
    try:
        asked = ImportFormIn.model_validate(fields)
    except ValidationError as error:
        raise RequestValidationError(error.errors()) from None
    options = ReadingOptions(
        mapping=asked.mapping or {},
        lines=asked.lines,
        date_format=asked.dates,
        decimal=asked.decimal,
        header=asked.header,
        sheet=asked.sheet,
        separator=asked.separator,
        encoding=asked.encoding,
        profile=asked.profile,
        amount=asked.amount,
        shipping=asked.shipping,
        max_bytes=state.app.settings.max_file_mb * _MIB,
    )
    if asked.saved is not None:
        options = await state.tx.read(mappings.applied, asked.saved, asked.kind, options)
    return ImportRequest(
        path=Path("upload"),
        kind=asked.kind,
        source=asked.source,
        sha256="",
        options=options,
        update=asked.update,
    )

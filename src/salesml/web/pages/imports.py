"""Bringing files in: the upload form, how far an import is, what became of its rows, undoing it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request
from starlette.datastructures import FormData, UploadFile
from starlette.responses import Response

from salesml.core.errors import ColumnsMissing, FileRefused, FileTooLarge, InvalidValue
from salesml.core.imports import Import, RejectedRow
from salesml.core.jobs import Job, JobKind
from salesml.core.pages import Page
from salesml.http.rejects import download_rejected
from salesml.http.uploads import take_upload, upload_form
from salesml.services import import_requests, imports, jobs, mappings
from salesml.services.imports import ImportDetail
from salesml.services.ports.unit_of_work import UnitOfWork
from salesml.web import import_forms, readings, refusals, report_texts, work_texts
from salesml.web.pages.jobs import words
from salesml.web.reasons import reason
from salesml.web.visits import Member, RowId, SignedIn

router = APIRouter(include_in_schema=False, prefix="/imports")
PER_PAGE = 20
REJECTED_PER_PAGE = 50
MIB = 1024**2


@dataclass(frozen=True, kw_only=True)
class Uploads:
    """Imports so far, and the jobs of imports and previews that have not ended."""

    page: Page[Import]
    running: tuple[Job, ...]


@router.get("")
async def show(visit: Member, cursor: str | None = None) -> Response:
    """The form, what is on its way, and what came before."""
    return await _page(visit, {}, cursor=cursor)


@router.post("")
async def upload(visit: Member, request: Request) -> Response:
    """Take a file in and queue its preview, or say beside the field why not."""
    fields: dict[str, str] = {}
    try:
        async with upload_form(request, visit.state.app.settings) as form:
            fields = {name: value for name, value in form.items() if isinstance(value, str)}
            job = await _take_in(visit, form, fields)
    except ColumnsMissing as error:
        errors = refusals.upload_errors(visit.language, error)
        return await _page(visit, fields, errors, missing=error.missing, columns=error.columns)
    except FileTooLarge as error:
        errors = refusals.upload_errors(visit.language, error)
        return await _page(visit, fields, errors, status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    except FileRefused as error:
        return await _page(visit, fields, refusals.upload_errors(visit.language, error))
    except InvalidValue as error:
        return await _page(visit, fields, {error.field: reason(visit.language, error)})
    return visit.go(f"/imports/previews/{job.id}")


@router.get("/jobs/{job_id}")
async def follow(visit: Member, job_id: RowId) -> Response:
    """An import on its way in or out; once it has ended, what became of it."""
    job = await visit.tx.read(jobs.get, job_id)
    import_id = (job.result or job.checkpoint).get("import_id")
    if job.kind is JobKind.IMPORT and import_id is not None and not work_texts.is_unfinished(job):
        return visit.go(f"/imports/{import_id}")
    return visit.page("imports/job.html", job=job, **texts(visit))


@router.get("/{import_id}")
async def one(visit: Member, import_id: RowId, cursor: str | None = None) -> Response:
    """What became of a file's rows, what it is like, and the rows that were set aside."""
    found, page = await visit.tx.read(_with_rejected, import_id, cursor)
    return visit.page("imports/import.html", found=found, page=page, is_first=cursor is None, **texts(visit))


@router.get("/{import_id}/rejected.csv")
async def rejected(visit: Member, import_id: RowId) -> Response:
    """The rows that were set aside, to be mended and imported again."""
    return await download_rejected(visit.state, import_id)


@router.post("/{import_id}/undo")
async def undo(visit: Member, import_id: RowId) -> Response:
    """Queue the undoing of a published import, and follow it."""
    now = datetime.now(UTC)
    job = await visit.tx.run(import_requests.undo_import, import_id, actor=visit.user.email, now=now)
    return visit.go(f"/imports/jobs/{job.id}")


def texts(visit: SignedIn) -> dict[str, Any]:
    """What templates of imports say."""
    language = visit.language
    return {
        **words(language),
        "report_texts": report_texts,
        "field_name": lambda name: work_texts.field_name(language, name),
        "row_reason": lambda row: work_texts.row_reason(language, row),
    }


async def _take_in(visit: SignedIn, form: FormData, fields: Mapping[str, str]) -> Job:
    file = form.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        raise InvalidValue("file", "is missing")
    saved = await visit.tx.read(mappings.list_mappings)
    max_bytes = visit.state.app.settings.max_file_mb * MIB
    asked = import_forms.asked(fields, max_bytes=max_bytes, saved=saved)
    return await take_upload(visit.state, file, asked, import_requests.preview_file, actor=visit.user.email)


def uploads(uow: UnitOfWork, cursor: str | None) -> Uploads:
    recent = jobs.page(uow, kind=JobKind.IMPORT).items
    running = tuple(job for job in recent if work_texts.is_unfinished(job))
    return Uploads(page=imports.page(uow, limit=PER_PAGE, cursor=cursor), running=running)


def _with_rejected(
    uow: UnitOfWork, import_id: int, cursor: str | None
) -> tuple[ImportDetail, Page[RejectedRow]]:
    rejected = imports.rejected_page(uow, import_id, limit=REJECTED_PER_PAGE, cursor=cursor)
    return imports.detail(uow, import_id), rejected


async def _page(
    visit: SignedIn,
    typed: Mapping[str, str],
    errors: Mapping[str, str] | None = None,
    *,
    status: HTTPStatus = HTTPStatus.UNPROCESSABLE_ENTITY,
    missing: tuple[str, ...] = (),
    columns: tuple[str, ...] = (),
    cursor: str | None = None,
) -> Response:
    """The page; of a form that htmx sent, only the fields, so that the browser keeps the chosen file."""
    fragment = bool(errors) and visit.is_fragment
    saved = await visit.tx.read(mappings.list_mappings)
    return visit.page(
        "imports/fields.html" if fragment else "imports/list.html",
        status=status if errors else HTTPStatus.OK,
        found=None if fragment else await visit.tx.read(uploads, cursor),
        is_first=cursor is None,
        mappings=saved,
        saved_choices=readings.saved_choices(visit.language, saved),
        typed=typed,
        errors=errors or {},
        missing=missing,
        column_choices=[(name, name) for name in columns],
        max_mb=visit.state.app.settings.max_upload_mb,
        **texts(visit),
    )

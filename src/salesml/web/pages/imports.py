"""Bringing files in: the upload form, how far an import is, what became of its rows."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path as FilePath
from typing import Any

from fastapi import APIRouter, Request
from starlette.datastructures import FormData, UploadFile
from starlette.responses import Response

from salesml.core.clients import DEFAULT_SOURCE
from salesml.core.errors import ColumnsMissing, FileRefused, FileTooLarge, InvalidValue
from salesml.core.files import ReadingOptions
from salesml.core.imports import Import, ImportKind, RejectedRow
from salesml.core.jobs import Job, JobKind
from salesml.core.pages import Page
from salesml.http.uploads import take_upload, upload_form
from salesml.services import imports, jobs, requests
from salesml.services.imports import ImportDetail
from salesml.services.ports.unit_of_work import UnitOfWork
from salesml.services.requests import ImportRequest
from salesml.web import work_texts
from salesml.web.pages.jobs import words
from salesml.web.reasons import reason
from salesml.web.visits import Member, RowId, SignedIn

router = APIRouter(include_in_schema=False, prefix="/imports")
PER_PAGE = 20
REJECTED_PER_PAGE = 50
DATES = ("iso", "ymd", "dmy", "mdy", "compact")
_MIB = 1024**2
_LINES: Mapping[str, bool | None] = {"yes": True, "no": False}
_MAPPED = "map_"


@dataclass(frozen=True, kw_only=True)
class Uploads:
    """Imports so far, and the jobs of imports that have not ended."""

    page: Page[Import]
    running: tuple[Job, ...]


@router.get("")
async def show(visit: Member, cursor: str | None = None) -> Response:
    """The form, what is on its way, and what came before."""
    return await _page(visit, {}, cursor=cursor)


@router.post("")
async def upload(visit: Member, request: Request) -> Response:
    """Take a file in and queue its import, or say beside the field why not."""
    fields: dict[str, str] = {}
    max_mb = visit.state.app.settings.max_upload_mb
    try:
        async with upload_form(request, visit.state.app.settings) as form:
            fields = {name: value for name, value in form.items() if isinstance(value, str)}
            job = await _take_in(visit, form, fields)
    except ColumnsMissing as error:
        errors = work_texts.upload_errors(visit.language, error, max_mb)
        return await _page(visit, fields, errors, missing=error.missing, columns=error.columns)
    except FileTooLarge as error:
        errors = work_texts.upload_errors(visit.language, error, max_mb)
        return await _page(visit, fields, errors, status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    except FileRefused as error:
        return await _page(visit, fields, work_texts.upload_errors(visit.language, error, max_mb))
    except InvalidValue as error:
        return await _page(visit, fields, {error.field: reason(visit.language, error)})
    return visit.go(f"/imports/jobs/{job.id}")


@router.get("/jobs/{job_id}")
async def follow(visit: Member, job_id: RowId) -> Response:
    """An import on its way; once it has ended, what became of it."""
    job = await visit.tx.read(jobs.get, job_id)
    import_id = (job.result or job.checkpoint).get("import_id")
    if job.kind is JobKind.IMPORT and import_id is not None and not work_texts.is_unfinished(job):
        return visit.go(f"/imports/{import_id}")
    return visit.page("imports/job.html", job=job, **_words(visit))


@router.get("/{import_id}")
async def one(visit: Member, import_id: RowId, cursor: str | None = None) -> Response:
    """What became of a file's rows, and those that were set aside."""
    found, page = await visit.tx.read(_with_rejected, import_id, cursor)
    return visit.page("imports/import.html", found=found, page=page, is_first=cursor is None, **_words(visit))


async def _take_in(visit: SignedIn, form: FormData, fields: Mapping[str, str]) -> Job:
    file = form.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        raise InvalidValue("file", "is missing")
    return await take_upload(
        visit.state, file, _request(visit, fields), requests.preview_file, actor=visit.user.email
    )


def _request(visit: SignedIn, fields: Mapping[str, str]) -> ImportRequest:
    """What the form asks for. Raises InvalidValue."""
    kind = fields.get("kind", "")
    if kind not in list(ImportKind):
        raise InvalidValue("kind", "is missing")
    dates = fields.get("dates", "")
    options = ReadingOptions(
        mapping=_mapping(fields),
        lines=_LINES.get(fields.get("lines", "")),
        date_format=dates if dates in DATES else None,
        separator={"tab": "\t"}.get(fields.get("separator", ""), fields.get("separator", "")) or None,
        encoding=fields.get("encoding") or None,
        max_bytes=visit.state.app.settings.max_file_mb * _MIB,
    )
    return ImportRequest(
        path=FilePath("upload"),
        kind=ImportKind(kind),
        source=fields.get("source", "").strip() or DEFAULT_SOURCE,
        sha256="",
        options=options,
        update="update" in fields,
    )


def _mapping(fields: Mapping[str, str]) -> dict[str, str]:
    """Column by field: from the choices below a refused file, and from lines such as `amount = Total`."""
    chosen = {
        name.removeprefix(_MAPPED): value
        for name, value in fields.items()
        if name.startswith(_MAPPED) and value
    }
    for line in fields.get("mapping", "").splitlines():
        if not line.strip():
            continue
        found = re.fullmatch(r"\s*(\w+)\s*=\s*(.*?)\s*", line)
        if found is None or not found[2]:
            raise InvalidValue("mapping", "must be lines such as amount = Total")
        chosen[found[1]] = found[2]
    return chosen


def uploads(uow: UnitOfWork, cursor: str | None) -> Uploads:
    running = [job for job in jobs.page(uow, kind=JobKind.IMPORT).items if work_texts.is_unfinished(job)]
    return Uploads(page=imports.page(uow, limit=PER_PAGE, cursor=cursor), running=tuple(running))


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
    return visit.page(
        "imports/fields.html" if fragment else "imports/list.html",
        status=status if errors else HTTPStatus.OK,
        found=None if fragment else await visit.tx.read(uploads, cursor),
        is_first=cursor is None,
        typed=typed,
        errors=errors or {},
        missing=missing,
        column_choices=[(name, name) for name in columns],
        max_mb=visit.state.app.settings.max_upload_mb,
        **_words(visit),
    )


def _words(visit: SignedIn) -> dict[str, Any]:
    language = visit.language
    return {
        **words(language),
        "field_name": lambda name: work_texts.field_name(language, name),
        "row_reason": lambda row: work_texts.row_reason(language, row),
    }

"""A file before it is imported: how it is understood, what would become of its rows, and what to change."""

import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import Response

from salesml.core.errors import FileRefused, InvalidValue, NotFound
from salesml.core.import_requests import ImportRequest
from salesml.core.jobs import Job, JobKind, JobStatus
from salesml.core.plain import from_plain
from salesml.core.previews import Preview
from salesml.http.uploads import preview_again
from salesml.jobs.previews import first_rows
from salesml.services import import_requests, jobs, mappings
from salesml.web import import_forms, preview_views, readings, refusals, work_texts
from salesml.web.pages.imports import texts
from salesml.web.reasons import reason
from salesml.web.visits import Member, RowId, SignedIn

router = APIRouter(include_in_schema=False, prefix="/imports/previews")


@router.get("/{job_id}")
async def show(visit: Member, job_id: RowId) -> Response:
    """How far a preview is; once it is ready, what it found."""
    job = await _preview_job(visit, job_id)
    return await _page(visit, job)


@router.post("/{job_id}")
async def look_again(visit: Member, job_id: RowId, request: Request) -> Response:
    """Preview the same file as the form says now, or say beside the field what cannot be."""
    job = await _preview_job(visit, job_id)
    fields = await _fields(request)
    saved = await visit.tx.read(mappings.list_mappings)
    try:
        asked = import_forms.asked_again(fields, ImportRequest.of(job.args), _preview(job).reading, saved)
        again = await preview_again(visit.state, job_id, asked, actor=visit.user.email)
    except FileRefused as error:
        errors = refusals.upload_errors(visit.language, error)
        return await _page(visit, job, fields, errors)
    except InvalidValue as error:
        return await _page(visit, job, fields, {error.field: reason(visit.language, error)})
    return visit.go(f"/imports/previews/{again.id}")


@router.post("/{job_id}/mapping")
async def save_mapping(visit: Member, job_id: RowId, request: Request) -> Response:
    """Keep the way in which the file is read, as the preview shows it, under a name for files to come."""
    job = await _preview_job(visit, job_id)
    name = " ".join((await _fields(request)).get("name", "").split())
    reading, asked = _preview(job).reading, ImportRequest.of(job.args)
    options, now = mappings.settled(reading, asked.options), datetime.now(UTC)
    try:
        await visit.tx.run(mappings.put, name, asked.kind, options, actor=visit.user.email, now=now)
    except InvalidValue as error:
        return await _page(visit, job, errors={error.field: reason(visit.language, error)}, name=name)
    return visit.go(f"/imports/previews/{job_id}", "mapping_saved", name=name)


@router.post("/{job_id}/import")
async def confirm(visit: Member, job_id: RowId) -> Response:
    """Import the file as the preview shows it, and follow the import."""
    job = await _preview_job(visit, job_id)
    if not _path(job).exists():
        return visit.go(f"/imports/previews/{job_id}")
    now = datetime.now(UTC)
    begun = await visit.tx.run(import_requests.import_previewed, job_id, actor=visit.user.email, now=now)
    return visit.go(f"/imports/jobs/{begun.id}")


@router.post("/{job_id}/discard")
async def discard(visit: Member, job_id: RowId) -> Response:
    """Forget the received file at once."""
    job = await _preview_job(visit, job_id)
    if job.args["spooled"] and not work_texts.is_unfinished(job):
        await run_in_threadpool(shutil.rmtree, _path(job).parent, ignore_errors=True)
    return visit.go("/imports", "preview_discarded")


async def _preview_job(visit: SignedIn, job_id: int) -> Job:
    """Raises NotFound."""
    job = await visit.tx.read(jobs.get, job_id)
    if job.kind is not JobKind.PREVIEW:
        raise NotFound(f"there is no preview {job_id}")
    return job


async def _fields(request: Request) -> Mapping[str, str]:
    form = await request.form()
    return {name: value for name, value in form.items() if isinstance(value, str)}


async def _page(
    visit: SignedIn,
    job: Job,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    name: str = "",
) -> Response:
    if job.status is not JobStatus.SUCCEEDED:
        return visit.page("imports/preview_job.html", job=job, **texts(visit))
    rows = await run_in_threadpool(first_rows, _path(job), job.id)
    if rows is None:
        return visit.page("imports/preview_gone.html", job=job, **texts(visit))
    preview, asked = _preview(job), ImportRequest.of(job.args)
    kind, saved = asked.kind, await visit.tx.read(mappings.list_mappings)
    stands = {**import_forms.typed(asked), "saved": readings.shown(saved, asked.options, preview.reading)}
    return visit.page(
        "imports/preview.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
        job=job,
        preview=preview,
        rows=rows,
        asked=asked,
        fields=preview_views.mapped_fields(preview, rows),
        understood=preview_views.understood(visit.language, visit.here, kind, rows),
        saved_choices=readings.saved_choices(visit.language, saved, kind),
        exports=readings.export_choices(visit.language, preview.reading),
        typed=typed if typed is not None else stands,
        name=name,
        errors=errors or {},
        **texts(visit),
    )


def _preview(job: Job) -> Preview:
    if job.result is None:
        raise NotFound(f"preview {job.id} is not ready")
    return from_plain(Preview, job.result)


def _path(job: Job) -> Path:
    return Path(str(job.args["path"]))

"""Asking for files to be brought in, looked at or taken back: one job a request, as in `requests`, but
without the libraries that models need."""

from datetime import datetime

from salesml.core.errors import NotFound
from salesml.core.import_requests import ImportRequest, digest_of
from salesml.core.jobs import Job, JobKind
from salesml.services import imports, jobs
from salesml.services.ports.unit_of_work import UnitOfWork
from salesml.services.sources import SourceRequest


def import_file(uow: UnitOfWork, request: ImportRequest, *, actor: str, now: datetime) -> Job:
    """Import a file that was found readable."""
    return _enqueue(uow, JobKind.IMPORT, request, actor, now)


def preview_file(uow: UnitOfWork, request: ImportRequest, *, actor: str, now: datetime) -> Job:
    """Count what importing a file that was found readable would do."""
    return _enqueue(uow, JobKind.PREVIEW, request, actor, now)


def import_previewed(uow: UnitOfWork, job_id: int, *, actor: str, now: datetime) -> Job:
    """Import the file of a preview, as the preview read it. Raises NotFound."""
    return import_file(uow, previewed(uow, job_id), actor=actor, now=now)


def previewed(uow: UnitOfWork, job_id: int) -> ImportRequest:
    """What a preview was asked for. Raises NotFound for another job."""
    job = jobs.get(uow, job_id)
    if job.kind is not JobKind.PREVIEW:
        raise NotFound(f"there is no preview {job_id}")
    return ImportRequest.of(job.args)


def import_rows(uow: UnitOfWork, request: SourceRequest, *, actor: str, now: datetime) -> Job:
    """Import the answer of a foreign database."""
    key = f"{JobKind.IMPORT.value}:{digest_of(request.args)}"
    return jobs.enqueue(uow, JobKind.IMPORT, request.args, unique_key=key, created_by=actor, now=now)


def undo_import(uow: UnitOfWork, import_id: int, *, actor: str, now: datetime) -> Job:
    """Take a published import back, with all that only it brought. Raises NotFound, InvalidValue for one
    that was never visible."""
    imports.check_undo(uow, import_id)
    args = {"undo": import_id}
    return jobs.enqueue(uow, JobKind.IMPORT, args, unique_key=f"undo:{import_id}", created_by=actor, now=now)


def _enqueue(uow: UnitOfWork, kind: JobKind, request: ImportRequest, actor: str, now: datetime) -> Job:
    key = f"{kind.value}:{request.digest}"
    return jobs.enqueue(uow, kind, request.args, unique_key=key, created_by=actor, now=now)

"""Background work: what runs, how far it is, and stopping it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime
from time import monotonic
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent

from salesml.api.dependencies import AnyUser, RowId, State, Tx
from salesml.api.schemas.jobs import JobOut, JobPage
from salesml.api.schemas.pages import Cursor, Limit
from salesml.core.errors import DatabaseBusy, DatabaseUnavailable, NotAllowed
from salesml.core.jobs import UNFINISHED, Job, JobKind, JobStatus
from salesml.core.pages import DEFAULT_LIMIT
from salesml.core.users import UserRole
from salesml.services import jobs

router = APIRouter(prefix="/jobs", tags=["jobs"])
_ANYBODYS = (JobKind.IMPORT, JobKind.PREVIEW, JobKind.SCORING, JobKind.REPORT, JobKind.OUTCOMES)
POLL_S = 0.5
FOLLOWED_S = 600
"""No longer than an access token lives: whoever follows then asks again, and must still be allowed to."""


def accepted(response: Response, job: Job) -> JobOut:
    """The answer to a request for long work: where to look how far it is."""
    response.headers["Location"] = f"/api/v1/jobs/{job.id}"
    return JobOut.of(job)


@router.get("")
async def list_jobs(
    tx: Tx,
    kind: JobKind | None = None,
    status: JobStatus | None = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> JobPage:
    """Jobs, the newest first."""
    page = await tx.read(jobs.page, kind=kind, status=status, limit=limit, cursor=cursor)
    return JobPage(items=[JobOut.of(job) for job in page.items], next_cursor=page.next_cursor)


@router.get("/{job_id}")
async def get_job(job_id: RowId, tx: Tx) -> JobOut:
    """How far a job is, and what came of it."""
    return JobOut.of(await tx.read(jobs.get, job_id))


@router.post("/{job_id}/cancel")
async def cancel_job(job_id: RowId, user: AnyUser, tx: Tx) -> JobOut:
    """Ask a job to stop; what it wrote is taken back. One that has ended stays as it is. Who may ask for
    a kind of work may stop it."""
    job = await tx.read(jobs.get, job_id)
    if user.role is not UserRole.ADMIN and job.kind not in _ANYBODYS:
        raise NotAllowed("this needs an administrator")
    return JobOut.of(await tx.run(jobs.cancel, job_id, actor=user.email, now=datetime.now(UTC)))


async def _existing(job_id: RowId, tx: Tx) -> Job:
    # Read before the answer begins, so that an unknown job is a 404.
    return await tx.read(jobs.get, job_id)


@router.get("/{job_id}/events", response_class=EventSourceResponse)
async def follow_job(
    job: Annotated[Job, Depends(_existing)], state: State, tx: Tx
) -> AsyncIterator[ServerSentEvent]:
    """The job as server-sent events `progress`, one for each change, and `end` when it has ended."""
    shown, until = None, monotonic() + FOLLOWED_S
    while True:
        if (now := JobOut.of(job)) != shown:
            shown = now
            yield ServerSentEvent(event="progress" if job.status in UNFINISHED else "end", data=now)
        if job.status not in UNFINISHED or monotonic() > until or state.closing.is_set():
            return
        await asyncio.sleep(POLL_S)
        # A database that is away for a moment ends no stream.
        with suppress(DatabaseBusy, DatabaseUnavailable):
            job = await tx.read(jobs.get, job.id)

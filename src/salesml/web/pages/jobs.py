"""Background work: what runs, how far it is, and stopping it; also asking for all clients to be scored."""

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from salesml.core.errors import NotAllowed, SalesmlError
from salesml.core.jobs import Job, JobKind
from salesml.core.users import User, UserRole
from salesml.services import jobs, requests
from salesml.web import refusals, work_texts
from salesml.web.i18n import Language
from salesml.web.visits import Member, RowId, local

router = APIRouter(include_in_schema=False)
PER_PAGE = 25


@router.get("/jobs")
async def show(visit: Member, cursor: str | None = None) -> Response:
    """Jobs, the newest first."""
    page = await visit.tx.read(jobs.page, limit=PER_PAGE, cursor=cursor)
    return visit.page("jobs/list.html", page=page, is_first=cursor is None, **words(visit.language))


@router.get("/jobs/{job_id}")
async def one(visit: Member, job_id: RowId) -> Response:
    """One job, followed while it runs."""
    job = await visit.tx.read(jobs.get, job_id)
    return visit.page("jobs/job.html", job=job, **words(visit.language))


@router.get("/jobs/{job_id}/progress")
async def progress(visit: Member, job_id: RowId, then: str = "") -> Response:
    """How far a job is, as a part of a page that asks for it again and again; once the job has ended, the
    browser goes on to `then`."""
    job = await visit.tx.read(jobs.get, job_id)
    if not work_texts.is_unfinished(job):
        return visit.go(local(then, f"/jobs/{job_id}"))
    return visit.page("jobs/progress.html", job=job, then=local(then, ""), **words(visit.language))


@router.post("/jobs/{job_id}/cancel")
async def cancel(visit: Member, job_id: RowId) -> Response:
    """Ask a job to stop. Raises NotAllowed for an analyst and a training or a backtest."""
    job = await visit.tx.read(jobs.get, job_id)
    if not may_cancel(visit.user, job):
        raise NotAllowed("only an administrator may stop this")
    await visit.tx.run(jobs.cancel, job_id, actor=visit.user.email, now=datetime.now(UTC))
    return visit.go(f"/jobs/{job_id}")


@router.post("/scoring-runs")
async def score_all(visit: Member) -> Response:
    """Queue a scoring of every client, and follow it."""
    try:
        job = await visit.tx.run(requests.scoring, actor=visit.user.email, now=datetime.now(UTC))
    except SalesmlError:
        return visit.go("/", "cannot_score")
    return visit.go(f"/jobs/{job.id}")


def may_cancel(user: User, job: Job) -> bool:
    """Whoever may ask for such a job may also stop it."""
    return user.role is UserRole.ADMIN or job.kind not in (JobKind.TRAINING, JobKind.BACKTEST)


def words(language: Language) -> dict[str, Any]:
    """What templates say of jobs."""
    return {
        "work": work_texts,
        "may_cancel": may_cancel,
        "job_title": lambda job: work_texts.job_title(language, job),
        "job_file": lambda job: work_texts.job_file(language, job),
        "stage_of": lambda job: work_texts.stage_of(language, job),
        "refusal": lambda one: refusals.reason_of(language, one),
    }

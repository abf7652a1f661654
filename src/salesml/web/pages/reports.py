"""What the stored data is like, and what can be done with it."""

from datetime import UTC, datetime

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool
from starlette.responses import Response

from salesml.services import data_reports
from salesml.web import report_texts
from salesml.web.pages.imports import texts
from salesml.web.visits import Member

router = APIRouter(include_in_schema=False, prefix="/data")


@router.get("")
async def show(visit: Member) -> Response:
    """The page; the report follows, since it may have to be made first."""
    return visit.page("data/page.html")


@router.get("/report")
async def report(visit: Member) -> Response:
    """The report, as a part of the page; of much data the last one, while the next one is made."""
    app, now = visit.state.app, datetime.now(UTC)
    standing = await run_in_threadpool(
        data_reports.standing, app.tx, app.resources, now, actor=visit.user.email
    )
    template = "data/report.html" if visit.is_fragment else "data/whole.html"
    return visit.page(
        template,
        standing=standing,
        found=standing.report,
        said=report_texts.sayer(visit.language),
        **texts(visit),
    )


@router.post("/report")
async def renew(visit: Member) -> Response:
    """Make the report anew in the background."""
    await visit.tx.run(data_reports.renew, actor=visit.user.email, now=datetime.now(UTC))
    return visit.go("/data")

"""What the data is like, and what can be done with it."""

from datetime import UTC, datetime
from http import HTTPStatus

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from salesml.api.dependencies import AnyUser, State
from salesml.api.schemas.jobs import JobOut
from salesml.api.schemas.reports import DataReportOut
from salesml.services import data_reports, installation

router = APIRouter(prefix="/data", tags=["data"])


@router.get("/report", response_model=DataReportOut, responses={202: {"model": JobOut}})
async def get_report(state: State, user: AnyUser) -> DataReportOut | JSONResponse:
    """All that is stored: sums, span and gaps, guests, refunds, void pairs, currencies, outliers; which
    features and models are possible with it, and what exactly is missing for the others.

    Of much data the last report is answered, and `renewed_by` names the job that makes the next one; without
    a last one, 202 and that job."""
    app, now = state.app, datetime.now(UTC)
    found = await run_in_threadpool(data_reports.standing, app.tx, app.resources, now, actor=user.email)
    if found.report is None:
        job = found.job
        if job is None:
            job = await state.tx.run(data_reports.renew, actor=user.email, now=now)
        headers = {"Location": f"/api/v1/jobs/{job.id}"}
        return JSONResponse(JobOut.of(job).model_dump(mode="json"), HTTPStatus.ACCEPTED, headers)
    here = await state.tx.read(installation.current)
    return DataReportOut.of(found.report, here.currency, found.job)

"""What the data is like, and what can be done with it."""

from datetime import UTC, datetime

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool

from salesml.api.dependencies import State
from salesml.api.schemas.reports import DataReportOut
from salesml.services import data_reports

router = APIRouter(prefix="/data", tags=["data"])


@router.get("/report")
async def get_report(state: State) -> DataReportOut:
    """All that is stored: sums, span and gaps, guests, refunds, void pairs, currencies, outliers; which
    features and models are possible with it, and what exactly is missing for the others."""
    app = state.app
    found = await run_in_threadpool(data_reports.data_report_here, app.tx, app.resources, datetime.now(UTC))
    return DataReportOut.of(*found)

"""Backtests and their league tables."""

from datetime import UTC, datetime

from fastapi import APIRouter, Response

from salesml.api.dependencies import AdminUser, RowId, Tx
from salesml.api.schemas.backtests import BacktestIn, BacktestLineOut, BacktestOut, BacktestPage
from salesml.api.schemas.jobs import JobOut
from salesml.api.schemas.pages import Cursor, Limit
from salesml.api.v1.jobs import accepted
from salesml.core.days import epoch_day
from salesml.core.pages import DEFAULT_LIMIT
from salesml.services import backtests, requests

router = APIRouter(prefix="/backtests", tags=["backtests"])


@router.post("", status_code=202)
async def backtest(response: Response, admin: AdminUser, tx: Tx, body: BacktestIn | None = None) -> JobOut:
    """Forecast from past dates with models that saw nothing later, in the background; the job's result
    names the backtest."""
    asked = body or BacktestIn()
    job = await tx.run(
        requests.backtest,
        days=[epoch_day(day) for day in asked.as_of or []],
        windows=asked.windows,
        estimators=asked.estimators,
        actor=admin.email,
        now=datetime.now(UTC),
    )
    return accepted(response, job)


@router.get("")
async def list_backtests(tx: Tx, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> BacktestPage:
    """Backtests, the newest first."""
    page = await tx.read(backtests.page, limit=limit, cursor=cursor)
    return BacktestPage(items=[BacktestLineOut.of(each) for each in page.items], next_cursor=page.next_cursor)


@router.get("/{backtest_id}")
async def get_backtest(backtest_id: RowId, tx: Tx) -> BacktestOut:
    """One backtest: its league tables, all dates together and each date alone."""
    return BacktestOut.of(await tx.read(backtests.get, backtest_id))

"""The figures of the main page, prepared beforehand."""

from datetime import UTC, datetime

from fastapi import APIRouter

from salesml.api.dependencies import Tx
from salesml.api.schemas.dashboard import SalesTrendOut, SummaryOut
from salesml.services import dashboard

router = APIRouter(prefix="/dashboard", tags=["dashboard"])


@router.get("/summary")
async def get_summary(tx: Tx) -> SummaryOut:
    """Clients, their forecasts in sum, and whom the threshold selects."""
    return SummaryOut.of(await tx.read(dashboard.figures, datetime.now(UTC)))


@router.get("/sales-trend")
async def get_sales_trend(tx: Tx) -> SalesTrendOut:
    """Net sales of the last 24 months, and the forecast of the 30 days after them."""
    trend, here = await tx.read(dashboard.sales_trend_here)
    return SalesTrendOut.of(trend, here.currency, simulated=here.simulated)

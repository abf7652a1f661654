"""What runs forecast of the company, and how forecasts fared."""

from fastapi import APIRouter

from salesml.api.dependencies import RowId, Tx
from salesml.api.schemas.forecasts import CompanyForecastOut, CompanyForecastPage, OutcomeOut, OutcomesOut
from salesml.api.schemas.pages import Cursor, Limit
from salesml.core.pages import DEFAULT_LIMIT
from salesml.services import forecasts, outcomes

router = APIRouter(tags=["forecasts"])


@router.get("/forecasts")
async def list_forecasts(tx: Tx, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> CompanyForecastPage:
    """Forecasts of the whole company, the newest run first; with what happened where their days are over."""
    page, currency = await tx.read(forecasts.page, limit=limit, cursor=cursor)
    items = [CompanyForecastOut.of(each, currency) for each in page.items]
    return CompanyForecastPage(items=items, next_cursor=page.next_cursor)


@router.get("/forecasts/latest")
async def latest_forecast(tx: Tx) -> CompanyForecastOut:
    """The forecast that pages show: that of the newest run."""
    return CompanyForecastOut.of(*await tx.read(forecasts.latest))


@router.get("/models/{model_id}/outcomes")
async def list_outcomes(model_id: RowId, tx: Tx) -> OutcomesOut:
    """How the stored forecasts of a version fared, the newest first."""
    found = await tx.read(outcomes.of_version, model_id)
    return OutcomesOut(items=[OutcomeOut.of(each) for each in found])

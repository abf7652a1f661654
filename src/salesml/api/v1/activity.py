"""Activity as it happens, rather than by a file."""

from datetime import UTC, datetime

from fastapi import APIRouter, Request, Response

from salesml.api.bodies import checked_records, json_answer, records_body, taken_document
from salesml.api.dependencies import State
from salesml.api.schemas.activity import ACTIVITY_EXAMPLE, ActivityIn
from salesml.api.schemas.batches import TakenOut
from salesml.core.imports import ImportKind
from salesml.services import activity

router = APIRouter(prefix="/activity", tags=["activity"])


@router.post(
    "",
    response_model=TakenOut,
    openapi_extra=records_body(ActivityIn.model_json_schema(), ACTIVITY_EXAMPLE),
)
async def post_activity(request: Request, state: State) -> Response:
    """Store up to 10,000 days of clients, by source, client and day; unknown clients are made. Good rows
    are kept and bad ones named. Of a day that is there already, the metrics that are given replace the old
    ones. From the first to the last day of a metric in a batch, days without a row count as zero."""
    batch = await checked_records(state, ImportKind.ACTIVITY, await request.body())
    return json_answer(taken_document(await state.tx.run(activity.take, batch, now=datetime.now(UTC))))

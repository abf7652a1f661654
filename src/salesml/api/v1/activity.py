"""Activity as it happens, rather than by a file."""

from datetime import UTC, datetime

from fastapi import APIRouter, Request, Response

from salesml.api.bodies import checked_records, records_body, taken_document
from salesml.api.dependencies import AnyUser, State
from salesml.api.idempotency import REPLAYED_HEADER, IdempotencyKey, answer_once
from salesml.api.schemas.activity import ACTIVITY_EXAMPLE, ActivityIn
from salesml.api.schemas.batches import TakenOut
from salesml.core.imports import ImportKind
from salesml.services import activity
from salesml.services.ports.unit_of_work import UnitOfWork

router = APIRouter(prefix="/activity", tags=["activity"])


@router.post(
    "",
    response_model=TakenOut,
    responses=REPLAYED_HEADER,
    openapi_extra=records_body(ActivityIn.model_json_schema(), ACTIVITY_EXAMPLE),
)
async def post_activity(
    request: Request, state: State, user: AnyUser, key: IdempotencyKey = None
) -> Response:
    """Store up to 10,000 days of clients, by source, client and day; unknown clients are made. Good rows
    are kept and bad ones named. Of a day that is there already, the metrics that are given replace the old
    ones. From the first to the last day of a metric in a batch, days without a row count as zero."""
    batch = await checked_records(state, ImportKind.ACTIVITY, await request.body())

    def take(uow: UnitOfWork) -> dict[str, object]:
        return taken_document(activity.take(uow, batch, now=datetime.now(UTC)))

    return await answer_once(request, state, user, key, take)

"""Orders as they happen, rather than by a file."""

from datetime import UTC, datetime

from fastapi import APIRouter, Request, Response

from salesml.api.bodies import checked_records, records_body, taken_document
from salesml.api.dependencies import AnyUser, State
from salesml.api.idempotency import REPLAYED_HEADER, IdempotencyKey, answer_once
from salesml.api.schemas.batches import TakenOut
from salesml.api.schemas.orders import ORDER_EXAMPLE, OrderIn
from salesml.core.imports import ImportKind
from salesml.services import orders
from salesml.services.ports.unit_of_work import UnitOfWork

router = APIRouter(prefix="/orders", tags=["orders"])


@router.post(
    "",
    response_model=TakenOut,
    responses=REPLAYED_HEADER,
    openapi_extra=records_body(OrderIn.model_json_schema(), ORDER_EXAMPLE),
)
async def post_orders(
    request: Request, state: State, user: AnyUser, key: IdempotencyKey = None, update: bool = False
) -> Response:
    """Store up to 10,000 orders, by source and order number; unknown clients are made. Good rows are kept
    and bad ones named. An equal repeat changes nothing; an order that contradicts a stored one is rejected,
    or replaces it with `update=true`."""
    batch = await checked_records(state, ImportKind.ORDERS, await request.body())

    def take(uow: UnitOfWork) -> dict[str, object]:
        return taken_document(orders.take(uow, batch, update=update, now=datetime.now(UTC)))

    return await answer_once(request, state, user, key, take)

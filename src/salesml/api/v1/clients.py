"""Clients: lists, one, adding, changing, deleting; one client's orders, activity and forecasts."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response

from salesml.api.bodies import json_answer
from salesml.api.dependencies import AdminUser, AnyUser, RowId, ServingNow, State, Tx
from salesml.api.schemas.activity import ActivityPage
from salesml.api.schemas.client_data import ClientDataOut, ErasedOut
from salesml.api.schemas.client_scores import PastPredictionsPage, ScoreNowOut
from salesml.api.schemas.orders import OrdersPage
from salesml.api.schemas.pages import Cursor, Limit
from salesml.core.clients import ExternalId
from salesml.core.pages import DEFAULT_LIMIT
from salesml.http import erasure
from salesml.http.schemas.clients import (
    ClientChangeIn,
    ClientFilters,
    ClientIn,
    ClientOut,
    ClientsPage,
    client_document,
    clients_document,
)
from salesml.services import activity, client_data, client_scores, clients, orders

router = APIRouter(prefix="/clients", tags=["clients"])


@router.get("", response_model=ClientsPage)
async def list_clients(filters: Annotated[ClientFilters, Query()], tx: Tx, serving: ServingNow) -> Response:
    """Clients with their newest figures, page by page."""
    page = await tx.read(clients.page, filters.query(serving.currency), datetime.now(UTC))
    return json_answer(clients_document(page, serving.currency))


@router.post("", status_code=201, response_model=ClientOut)
async def create_client(body: ClientIn, tx: Tx, user: AnyUser, serving: ServingNow) -> Response:
    """Add a client. A source's id belongs to one client only: 409 when there is one."""
    pair = ExternalId(source=body.source, external_id=body.external_id)
    line = await tx.run(clients.create, pair, body.fields(), actor=user.email, now=datetime.now(UTC))
    answer = json_answer(client_document(line, serving.currency))
    answer.status_code = 201
    answer.headers["Location"] = f"/api/v1/clients/{line.client.id}"
    return answer


@router.get("/{client_id}", response_model=ClientOut)
async def get_client(client_id: RowId, tx: Tx, serving: ServingNow) -> Response:
    """One client with its newest figures."""
    line = await tx.read(clients.detail, client_id, datetime.now(UTC))
    return json_answer(client_document(line, serving.currency))


@router.patch("/{client_id}", response_model=ClientOut)
async def change_client(
    client_id: RowId, body: ClientChangeIn, tx: Tx, user: AnyUser, serving: ServingNow
) -> Response:
    """Change the fields that are given; null clears one."""
    line = await tx.run(clients.change, client_id, body.fields(), actor=user.email, now=datetime.now(UTC))
    return json_answer(client_document(line, serving.currency))


@router.delete("/{client_id}", status_code=204)
async def delete_client(client_id: RowId, tx: Tx, admin: AdminUser) -> None:
    """Delete a client for good, with its orders, activity and forecasts. There is no undo."""
    await tx.run(clients.delete, client_id, actor=admin.email, now=datetime.now(UTC))
    await tx.scrub()


@router.post("/{client_id}/erase")
async def erase_client(client_id: RowId, state: State, admin: AdminUser) -> ErasedOut:
    """Erase a client from every table and file of this installation, and keep imports from bringing it back.
    There is no undo; backups are outside of it."""
    return ErasedOut(erased=dict(await erasure.erase(state, client_id, actor=admin.email)))


@router.get("/{client_id}/data", response_model=ClientDataOut)
async def get_data(client_id: RowId, tx: Tx) -> Response:
    """Everything that is known of a client, from every table: for whoever asks what is stored of them."""
    return json_answer(await tx.read(client_data.everything, client_id, datetime.now(UTC)))


@router.get("/{client_id}/orders")
async def list_orders(
    client_id: RowId, tx: Tx, serving: ServingNow, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> OrdersPage:
    """A client's orders, the newest first."""
    page = await tx.read(orders.of_client, client_id, limit=limit, cursor=cursor)
    return OrdersPage.of(page, serving.currency)


@router.get("/{client_id}/activity")
async def list_activity(
    client_id: RowId, tx: Tx, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> ActivityPage:
    """A client's days, the newest first; a day without a row is a day without activity, or unknown."""
    return ActivityPage.of(await tx.read(activity.of_client, client_id, limit=limit, cursor=cursor))


@router.get("/{client_id}/predictions")
async def list_predictions(
    client_id: RowId, tx: Tx, serving: ServingNow, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> PastPredictionsPage:
    """What scoring runs forecast of a client, the newest first, with the decisions of then."""
    page = await tx.read(client_scores.past, client_id, limit=limit, cursor=cursor)
    return PastPredictionsPage.of(page, serving.currency)


@router.post("/{client_id}/predictions")
async def score_client(client_id: RowId, state: State) -> ScoreNowOut:
    """Forecast one client now, from what is known so far today; nothing is stored. Features of days
    of which no activity has come yet are left out, and named as ignored."""
    score = await state.tx.read(client_scores.score_now, client_id, state.pipelines, datetime.now(UTC))
    return ScoreNowOut.of(score)

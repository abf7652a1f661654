"""A client's own data, and erasing a client for good."""

import json
from datetime import UTC, datetime
from http import HTTPStatus

from fastapi import APIRouter, Request
from starlette.responses import Response

from salesml.core.clients import Client
from salesml.http import erasure
from salesml.services import client_data, clients
from salesml.web.visits import Administrator, Member, RowId, SignedIn

router = APIRouter(include_in_schema=False, prefix="/clients")


@router.get("/{client_id}/data.json")
async def data(visit: Member, client_id: RowId) -> Response:
    """Everything known of a client, as a file."""
    found = await visit.tx.read(client_data.everything, client_id, datetime.now(UTC))
    return Response(
        json.dumps(found, ensure_ascii=False, indent=2),
        media_type="application/json",
        headers={
            "Content-Disposition": f'attachment; filename="client-{client_id}.json"',
            "Cache-Control": "no-store",
        },
    )


@router.get("/{client_id}/erase")
async def ask(visit: Administrator, client_id: RowId) -> Response:
    """What goes and what stays, and a field to confirm it."""
    line = await visit.tx.read(clients.detail, client_id, datetime.now(UTC))
    return _page(visit, line.client)


@router.post("/{client_id}/erase")
async def erase(visit: Administrator, client_id: RowId, request: Request) -> Response:
    """Erase a client, if what was typed is what the page asked for."""
    line = await visit.tx.read(clients.detail, client_id, datetime.now(UTC))
    typed = str((await request.form()).get("confirm", "")).strip()
    if typed != word_of(line.client):
        return _page(visit, line.client, visit.language.gettext("This is not what was asked for."))
    await erasure.erase(visit.state, client_id, actor=visit.user.email)
    return visit.go("/clients", "client_erased")


def word_of(client: Client) -> str:
    """What has to be typed: the client's first number, or ours where no source has one."""
    return client.external_ids[0].external_id if client.external_ids else str(client.id)


def _page(visit: SignedIn, client: Client, error: str | None = None) -> Response:
    return visit.page(
        "clients/erase.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK,
        client=client,
        word=word_of(client),
        error=error,
    )

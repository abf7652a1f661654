"""Events of shops: whoever calls shows by a signature that it is the shop."""

import re
from datetime import UTC, datetime
from typing import Annotated

import structlog
from fastapi import APIRouter, Header, Path, Request
from fastapi.concurrency import run_in_threadpool

from salesml.api.bodies import rejected_document
from salesml.api.dependencies import State
from salesml.api.schemas.webhooks import SHOPIFY_EXAMPLE, WOO_EXAMPLE, ReceivedOut, delivery_body
from salesml.core.clients import MAX_ID_LENGTH
from salesml.core.webhooks import Counting, ShopSystem
from salesml.http.state import HttpState
from salesml.services import installation, webhooks
from salesml.services.webhooks import Received

router = APIRouter(prefix="/webhooks", tags=["webhooks"])
log = structlog.get_logger(__name__)
Source = Annotated[str, Path(max_length=MAX_ID_LENGTH, examples=["shop"])]
_PING = re.compile(rb"webhook_id=\d{1,20}")


@router.post("/woocommerce/{source}", openapi_extra=delivery_body(WOO_EXAMPLE))
async def woocommerce(
    request: Request,
    source: Source,
    state: State,
    signature: Annotated[str, Header(alias="X-WC-Webhook-Signature")] = "",
    topic: Annotated[str, Header(alias="X-WC-Webhook-Topic")] = "",
) -> ReceivedOut:
    """Take an order event of WooCommerce: order.created, updated, deleted and restored."""
    body = await request.body()
    if _PING.fullmatch(body):  # sent once, unsigned, when the webhook is saved; it does nothing here
        return _answer(Received(ignored="ping"))
    return await _receive(state, ShopSystem.WOOCOMMERCE, source, topic, signature, body)


@router.post("/shopify/{source}", openapi_extra=delivery_body(SHOPIFY_EXAMPLE))
async def shopify(
    request: Request,
    source: Source,
    state: State,
    signature: Annotated[str, Header(alias="X-Shopify-Hmac-Sha256")] = "",
    topic: Annotated[str, Header(alias="X-Shopify-Topic")] = "",
) -> ReceivedOut:
    """Take an order event of Shopify: orders/create, updated, paid and cancelled, and refunds/create."""
    body = await request.body()
    return await _receive(state, ShopSystem.SHOPIFY, source, topic, signature, body)


async def _receive(
    state: HttpState, system: ShopSystem, source: str, topic: str, signature: str, body: bytes
) -> ReceivedOut:
    settings = state.app.settings
    secrets = {name: secret.get_secret_value() for name, secret in settings.webhook_secrets.items()}
    webhooks.check_signature(secrets, source, signature, body)
    now = datetime.now(UTC)
    counting = Counting(
        net=settings.webhook_amount == "net", without_shipping=settings.webhook_shipping == "out"
    )
    told = state.app.read_delivery(system, topic, body, now, counting)
    if told is None:
        return _answer(Received(ignored="topic"))
    here = await state.tx.read(installation.current)
    batch = await run_in_threadpool(webhooks.checked, state.app.check_records, told, source, here, now)
    received = await state.tx.run(webhooks.receive, source, told, batch, now)
    for bad in received.rejected:
        log.warning("webhook row refused", system=system.value, field=bad.field, code=bad.code)
    return _answer(received)


def _answer(received: Received) -> ReceivedOut:
    return ReceivedOut.model_validate(
        {
            "stored": received.stored,
            "ignored": received.ignored,
            "rejected": rejected_document(received.rejected),
        }
    )

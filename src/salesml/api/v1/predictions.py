"""Both forecasts from features that the caller brings; nothing is stored and no database is asked."""

from collections.abc import Callable
from functools import partial
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from salesml.api.bodies import json_answer, json_of, rejected_document
from salesml.api.dependencies import ServingNow
from salesml.api.schemas.predictions import (
    PurchaseBatchOut,
    PurchaseOut,
    SalesBatchOut,
    SalesOut,
    batch_body,
)
from salesml.core.errors import BatchRefused, InvalidValue
from salesml.core.models import Target
from salesml.http.schemas.predictions import PURCHASE_EXAMPLE, SALES_EXAMPLE, PurchaseIn, SalesIn
from salesml.http.state import state_of
from salesml.services import batches
from salesml.services.answers import PurchaseAnswers, SalesAnswers
from salesml.services.batches import Batch, BatchAnswer
from salesml.services.serving import Serving

router = APIRouter(prefix="/predictions", tags=["predictions"])
Rows = dict[str, list[Any]]
Document = dict[str, object]


# These two ask the request itself: another dependency would cost as much as the forecast.
@router.post("/sales", response_model=SalesOut)
async def sales(body: SalesIn, request: Request) -> Response:
    """What one client will buy in the next 30 days, in the company's currency."""
    return json_answer(state_of(request).serving.predict_sales(vars(body)))


@router.post("/purchase", response_model=PurchaseOut)
async def purchase(body: PurchaseIn, request: Request) -> Response:
    """How likely one client is to buy within 14 days, and the decision by the threshold."""
    return json_answer(state_of(request).serving.predict_purchase(vars(body)))


@router.post("/sales/batch", response_model=SalesBatchOut, openapi_extra=batch_body(SalesIn, SALES_EXAMPLE))
async def sales_batch(request: Request, serving: ServingNow) -> Response:
    """The same for up to 10,000 clients, by records or by columns. Good rows are answered, bad ones
    named; when no row is good, nothing is."""
    return await run_in_threadpool(_answer, await request.body(), partial(_sales, serving), Target.SALES)


@router.post(
    "/purchase/batch", response_model=PurchaseBatchOut, openapi_extra=batch_body(PurchaseIn, PURCHASE_EXAMPLE)
)
async def purchase_batch(request: Request, serving: ServingNow) -> Response:
    """The same for up to 10,000 clients, by records or by columns. Good rows are answered, bad ones
    named; when no row is good, nothing is."""
    return await run_in_threadpool(
        _answer, await request.body(), partial(_purchase, serving), Target.PURCHASE
    )


def _answer(raw: bytes, predict: Callable[[Batch], tuple[Document, Rows]], target: Target) -> Response:
    body = _parsed(raw)
    by_records = "records" in body
    if by_records:
        batch = batches.from_records(target, body["records"])
    else:
        batch = batches.from_columns(target, body["columns"])
    document, rows = predict(batch)
    if by_records:
        names = list(rows)
        document["results"] = [dict(zip(names, row, strict=True)) for row in zip(*rows.values(), strict=True)]
    else:
        document["columns"] = rows
    return json_answer(document)


def _sales(serving: Serving, batch: Batch) -> tuple[Document, Rows]:
    answer = batches.predict_sales(serving, batch)
    found: SalesAnswers = _good(answer)
    unknown = [None] * len(answer.rows)
    rows = {
        "row": list(answer.rows),
        "predicted_sales": found.predicted_sales.tolist(),
        "lower": unknown if found.lower is None else found.lower.tolist(),
        "upper": unknown if found.upper is None else found.upper.tolist(),
    }
    return {**_common(answer, found), "currency": found.currency}, rows


def _purchase(serving: Serving, batch: Batch) -> tuple[Document, Rows]:
    answer = batches.predict_purchase(serving, batch)
    found: PurchaseAnswers = _good(answer)
    rows = {
        "row": list(answer.rows),
        "probability": found.probability.tolist(),
        "decision": found.decision.tolist(),
    }
    labels = {"threshold": found.threshold, "ranking_only": found.ranking_only}
    return {**_common(answer, found), **labels}, rows


def _good(answer: BatchAnswer[Any]) -> Any:
    if answer.answers is None:
        raise BatchRefused("no row of the batch is good; each error names its row", answer.rejected)
    return answer.answers


def _common(answer: BatchAnswer[Any], found: SalesAnswers | PurchaseAnswers) -> Document:
    return {
        "accepted": len(answer.rows),
        "rejected": rejected_document(answer.rejected),
        "horizon_days": found.horizon_days,
        "model_version": found.model_version,
        "ignored_features": found.ignored_features,
    }


def _parsed(raw: bytes) -> dict[str, object]:
    body = json_of(raw)
    if not isinstance(body, dict) or body.keys() not in ({"records"}, {"columns"}):
        raise InvalidValue("body", "must be an object with either records or columns")
    return body

"""Trained versions with their evidence, which of them answer, and the threshold of decisions."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.concurrency import run_in_threadpool

from salesml.api.dependencies import AdminUser, RowId, ServingNow, State, Tx
from salesml.api.schemas.jobs import JobOut
from salesml.api.schemas.models import (
    ModelOut,
    ModelPage,
    PromoteIn,
    PromotionOut,
    PromotionPage,
    RollBackIn,
    ThresholdIn,
    ThresholdOut,
    TrainingIn,
)
from salesml.api.schemas.pages import Cursor, Limit
from salesml.api.v1.jobs import accepted
from salesml.core.days import epoch_day
from salesml.core.models import ModelRole, Target
from salesml.core.pages import DEFAULT_LIMIT
from salesml.services import model_cards, models, promotions, requests, threshold

router = APIRouter(prefix="/models", tags=["models"])


class MarkdownResponse(Response):
    media_type = "text/markdown"


@router.get("")
async def list_models(
    tx: Tx,
    target: Target | None = None,
    role: ModelRole | None = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> ModelPage:
    """Versions with their evidence, the newest first."""
    page = await tx.read(models.page, target=target, role=role, limit=limit, cursor=cursor)
    return ModelPage(items=[ModelOut.of(each) for each in page.items], next_cursor=page.next_cursor)


@router.get("/threshold")
async def get_threshold(
    tx: Tx,
    at: Annotated[
        float | None, Query(ge=0, le=1, description="whom this one would select, instead of the one in force")
    ] = None,
) -> ThresholdOut:
    """From which probability a client counts as a buyer to come, and whom that selects."""
    return ThresholdOut.of(await tx.read(threshold.get, at))


@router.put("/threshold")
async def put_threshold(body: ThresholdIn, admin: AdminUser, tx: Tx, serving: ServingNow) -> ThresholdOut:
    """Put another threshold in force: at once here, within two seconds everywhere."""
    changed = await tx.run(threshold.change, body.threshold, actor=admin.email, now=datetime.now(UTC))
    await run_in_threadpool(serving.refresh)
    return ThresholdOut.of(changed)


@router.get("/promotions")
async def list_promotions(
    tx: Tx,
    target: Target | None = None,
    role: ModelRole | None = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> PromotionPage:
    """Who answered when and why, the newest change first."""
    page = await tx.read(promotions.page, target=target, role=role, limit=limit, cursor=cursor)
    items = [PromotionOut.of(each) for each in page.items]
    return PromotionPage(items=items, next_cursor=page.next_cursor)


@router.get("/{model_id}")
async def get_model(model_id: RowId, tx: Tx) -> ModelOut:
    """One version with its evidence."""
    return ModelOut.of(await tx.read(models.entry, model_id))


@router.get("/{model_id}/card", response_class=MarkdownResponse)
async def get_card(model_id: RowId, tx: Tx) -> Response:
    """The model card of a version, in Markdown: what it is for, its data, evidence, limits, origin."""
    name, card = await tx.read(model_cards.card, model_id)
    return MarkdownResponse(card, headers={"Content-Disposition": f'inline; filename="{name}.md"'})


@router.post("/{target}/training-runs", status_code=202)
async def train(
    target: Target, response: Response, admin: AdminUser, tx: Tx, body: TrainingIn | None = None
) -> JobOut:
    """Train the target in both roles, in the background."""
    asked = body or TrainingIn()
    job = await tx.run(
        requests.training,
        [target],
        as_of_day=None if asked.as_of is None else epoch_day(asked.as_of),
        estimator=asked.estimator,
        actor=admin.email,
        now=datetime.now(UTC),
    )
    return accepted(response, job)


@router.post("/{model_id}/promote")
async def promote(model_id: RowId, admin: AdminUser, state: State, body: PromoteIn | None = None) -> ModelOut:
    """Let a version answer instead of the champion. What the gate left a candidate needs a note."""
    asked = body or PromoteIn()
    version = await state.tx.read(models.get, model_id)
    await run_in_threadpool(models.check_usable, version, state.app.models)
    entry = await state.tx.run(
        promotions.promote,
        model_id,
        note=asked.note,
        expected_revision=asked.expected_revision,
        actor=admin.email,
        now=datetime.now(UTC),
    )
    await run_in_threadpool(state.serving.refresh)
    return ModelOut.of(entry)


@router.post("/{target}/roll-back")
async def roll_back(target: Target, admin: AdminUser, state: State, body: RollBackIn) -> ModelOut:
    """Undo the last promotion: the version that answered before answers again, with the same scores."""
    found = await state.tx.read(promotions.way_back, target, body.role, body.horizon_days)
    await run_in_threadpool(models.check_usable, found.version, state.app.models)
    looked_at = found.revision if body.expected_revision is None else body.expected_revision
    entry = await state.tx.run(
        promotions.roll_back,
        target,
        body.role,
        horizon_days=body.horizon_days,
        note=body.note,
        expected_revision=looked_at,
        actor=admin.email,
        now=datetime.now(UTC),
    )
    await run_in_threadpool(state.serving.refresh)
    return ModelOut.of(entry)

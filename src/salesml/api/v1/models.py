"""Trained versions, which of them answer, and the threshold of decisions."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.concurrency import run_in_threadpool

from salesml.api.dependencies import AdminUser, RowId, ServingNow, State, Tx
from salesml.api.schemas.jobs import JobOut
from salesml.api.schemas.models import ModelOut, ModelPage, PromoteIn, ThresholdIn, ThresholdOut, TrainingIn
from salesml.api.schemas.pages import Cursor, Limit
from salesml.api.v1.jobs import accepted
from salesml.core.days import epoch_day
from salesml.core.models import ModelRole, Target
from salesml.core.pages import DEFAULT_LIMIT
from salesml.services import models, requests, threshold

router = APIRouter(prefix="/models", tags=["models"])


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


@router.get("/{model_id}")
async def get_model(model_id: RowId, tx: Tx) -> ModelOut:
    """One version with its evidence."""
    return ModelOut.of(await tx.read(models.entry, model_id))


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
    """Let a version answer instead of the champion; also the way back to an earlier one."""
    asked = body or PromoteIn()
    version = await state.tx.read(models.get, model_id)
    await run_in_threadpool(models.check_usable, version, state.app.models)
    entry = await state.tx.run(
        models.promote,
        model_id,
        note=asked.note,
        expected_revision=asked.expected_revision,
        actor=admin.email,
        now=datetime.now(UTC),
    )
    await run_in_threadpool(state.serving.refresh)
    return ModelOut.of(entry)

"""Scorings of every client."""

from datetime import UTC, datetime

from fastapi import APIRouter, Response

from salesml.api.dependencies import AnyUser, Tx
from salesml.api.schemas.jobs import JobOut
from salesml.api.schemas.pages import Cursor, Limit
from salesml.api.schemas.scoring_runs import ScoringIn, ScoringRunOut, ScoringRunPage
from salesml.api.v1.jobs import accepted
from salesml.core.days import epoch_day
from salesml.core.pages import DEFAULT_LIMIT
from salesml.services import predictions, requests

router = APIRouter(prefix="/scoring-runs", tags=["scoring runs"])


@router.post("", status_code=202)
async def score(response: Response, user: AnyUser, tx: Tx, body: ScoringIn | None = None) -> JobOut:
    """Forecast every client anew, in the background."""
    asked = None if body is None or body.as_of is None else epoch_day(body.as_of)
    job = await tx.run(requests.scoring, as_of_day=asked, actor=user.email, now=datetime.now(UTC))
    return accepted(response, job)


@router.get("")
async def list_runs(tx: Tx, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> ScoringRunPage:
    """Runs that were published, the newest first."""
    page = await tx.read(predictions.page, limit=limit, cursor=cursor)
    return ScoringRunPage(items=[ScoringRunOut.of(run) for run in page.items], next_cursor=page.next_cursor)


@router.get("/latest")
async def latest_run(tx: Tx) -> ScoringRunOut:
    """The run that lists and pages show."""
    return ScoringRunOut.of(await tx.read(predictions.latest_named))

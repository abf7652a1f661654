"""The league table: which models would have forecast best at past dates, and asking for a new one."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import Response

from salesml.core.backtests import StoredBacktest
from salesml.core.errors import TooLittleData
from salesml.core.jobs import Job, JobKind
from salesml.core.pages import Page
from salesml.services import backtests, jobs, requests
from salesml.services.ports.unit_of_work import UnitOfWork
from salesml.web import backtest_texts
from salesml.web.pages.jobs import words as job_words
from salesml.web.visits import Administrator, Member, RowId, Visit

router = APIRouter(include_in_schema=False, prefix="/models/league")
WINDOWS = (3, 6, 12)
EARLIER = 10


@dataclass(frozen=True, kw_only=True)
class League:
    """`shown` is the backtest on the page, None while there is none; `job` is the newest one of its kind."""

    shown: StoredBacktest | None
    job: Job | None
    earlier: Page[StoredBacktest]


@router.get("")
async def show(visit: Member) -> Response:
    """The newest backtest."""
    return _page(visit, await visit.tx.read(league))


@router.get("/{backtest_id}")
async def one(visit: Member, backtest_id: RowId) -> Response:
    """An earlier one."""
    return _page(visit, await visit.tx.read(league, backtest_id))


@router.post("")
async def start(
    visit: Administrator,
    windows: Annotated[int, Form()] = WINDOWS[0],
    compare: Annotated[str, Form(max_length=20)] = requests.ALL_ESTIMATORS,
) -> Response:
    """Queue a backtest; the page then shows how far it is."""
    others = [requests.ALL_ESTIMATORS] if compare == requests.ALL_ESTIMATORS else []
    number = windows if windows in WINDOWS else WINDOWS[0]
    try:
        await visit.tx.run(
            requests.backtest,
            windows=number,
            estimators=others,
            actor=visit.user.email,
            now=datetime.now(UTC),
        )
    except TooLittleData:
        return visit.go("/models/league", "too_little_data")
    return visit.go("/models/league")


def league(uow: UnitOfWork, backtest_id: int | None = None) -> League:
    """Raises NotFound."""
    newest = jobs.page(uow, kind=JobKind.BACKTEST, limit=1).items
    return League(
        shown=backtests.latest(uow) if backtest_id is None else backtests.get(uow, backtest_id),
        job=newest[0] if newest else None,
        earlier=backtests.page(uow, limit=EARLIER),
    )


def _page(visit: Visit, found: League) -> Response:
    shown = found.shown
    return visit.page(
        "models/league.html",
        found=found,
        tables=None if shown is None else backtest_texts.league(visit.language, shown.result),
        level=None if shown is None else shown.result["level"],
        window_choices=WINDOWS,
        **job_words(visit.language),
    )

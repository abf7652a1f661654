"""Whole lists as files."""

from collections.abc import Callable
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from salesml.api.dependencies import ServingNow, State
from salesml.api.schemas.exports import FILES, As, ClientsExport, From, OfClient, OfSource, To
from salesml.core.days import epoch_day
from salesml.core.exports import ExportFormat, ExportNoun, ExportQuery
from salesml.http.exports import download

router = APIRouter(prefix="/exports", tags=["exports"], default_response_class=Response, responses=FILES)
_CSV = ExportFormat.CSV
RunId = Annotated[int | None, Query(ge=1, le=2**63 - 1, description="the newest run without it")]
ImportId = Annotated[int, Query(ge=1, le=2**63 - 1, description="the import that set them aside")]


def _by_day(noun: ExportNoun) -> Callable[..., ExportQuery]:
    """A list that can be narrowed to a client, a source and some days."""

    def query(
        client_id: OfClient = None, source: OfSource = None, since: From = None, to: To = None
    ) -> ExportQuery:
        return ExportQuery(
            noun=noun, client_id=client_id, source=source, first_day=_day(since), last_day=_day(to)
        )

    return query


def _day(day: date | None) -> int | None:
    return None if day is None else epoch_day(day)


OrdersByDay = Annotated[ExportQuery, Depends(_by_day(ExportNoun.ORDERS))]
ActivityByDay = Annotated[ExportQuery, Depends(_by_day(ExportNoun.ACTIVITY))]


@router.get("/clients")
async def export_clients(
    asked: Annotated[ClientsExport, Query()], state: State, serving: ServingNow
) -> Response:
    """Clients with their consents and newest figures, in the list's order and under its conditions."""
    query = ExportQuery(noun=ExportNoun.CLIENTS, clients=asked.query(serving.currency))
    return await download(state, query, asked.format)


@router.get("/orders")
async def export_orders(asked: OrdersByDay, state: State, as_format: As = _CSV) -> Response:
    """Orders by day, guests' included."""
    return await download(state, asked, as_format)


@router.get("/activity")
async def export_activity(asked: ActivityByDay, state: State, as_format: As = _CSV) -> Response:
    """Daily activity by client and day."""
    return await download(state, asked, as_format)


@router.get("/predictions")
async def export_predictions(
    state: State, run_id: RunId = None, client_id: OfClient = None, as_format: As = _CSV
) -> Response:
    """Forecasts of one scoring run, or all that runs made of one client, the newest first."""
    query = ExportQuery(noun=ExportNoun.PREDICTIONS, run_id=run_id, client_id=client_id)
    return await download(state, query, as_format)


@router.get("/scoring-runs")
async def export_scoring_runs(state: State, as_format: As = _CSV) -> Response:
    """Runs that were published, the newest first."""
    return await download(state, ExportQuery(noun=ExportNoun.SCORING_RUNS), as_format)


@router.get("/rejected")
async def export_rejected(state: State, import_id: ImportId, as_format: As = _CSV) -> Response:
    """Rows that an import set aside, each with field, code and reason, and the row itself."""
    return await download(state, ExportQuery(noun=ExportNoun.REJECTED, import_id=import_id), as_format)


@router.get("/imports")
async def export_imports(state: State, as_format: As = _CSV) -> Response:
    """Imports with their counts, the newest first."""
    return await download(state, ExportQuery(noun=ExportNoun.IMPORTS), as_format)


@router.get("/audit")
async def export_audit(state: State, as_format: As = _CSV) -> Response:
    """Who did what, the newest first."""
    return await download(state, ExportQuery(noun=ExportNoun.AUDIT), as_format)

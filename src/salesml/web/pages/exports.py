"""Lists as downloads, for whoever is signed in."""

from dataclasses import dataclass
from datetime import date

from fastapi import APIRouter, Request
from starlette.datastructures import QueryParams
from starlette.responses import Response

from salesml.core.days import epoch_day
from salesml.core.errors import InvalidValue
from salesml.core.exports import ExportFormat, ExportNoun, ExportQuery
from salesml.http.exports import download
from salesml.services.exports import MAX_WORKBOOK_ROWS
from salesml.web import client_list
from salesml.web.i18n import N_
from salesml.web.visits import Administrator, Member, SignedIn

router = APIRouter(include_in_schema=False, prefix="/exports")


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A list that the page offers; `by_day` ones can be narrowed to some days."""

    noun: ExportNoun
    title: str
    text: str
    by_day: bool = False
    admin_only: bool = False


OFFERS = (
    Offer(
        noun=ExportNoun.CLIENTS,
        title=N_("Clients"),
        text=N_("Names, numbers, consents and the newest forecasts."),
    ),
    Offer(
        noun=ExportNoun.ORDERS,
        title=N_("Orders"),
        text=N_("Every order, those of guests included."),
        by_day=True,
    ),
    Offer(
        noun=ExportNoun.ACTIVITY,
        title=N_("Activity"),
        text=N_("Visits and clicks by client and day."),
        by_day=True,
    ),
    Offer(
        noun=ExportNoun.PREDICTIONS,
        title=N_("Forecasts"),
        text=N_("Both forecasts of every client, from the newest scoring."),
    ),
    Offer(
        noun=ExportNoun.SCORING_RUNS,
        title=N_("Scorings"),
        text=N_("When clients were scored, and by which models."),
    ),
    Offer(
        noun=ExportNoun.IMPORTS,
        title=N_("Imports"),
        text=N_("Which files came in, and what became of their rows."),
    ),
    Offer(noun=ExportNoun.AUDIT, title=N_("Trail"), text=N_("Who did what, and when."), admin_only=True),
)


@router.get("")
async def show(visit: Member) -> Response:
    """Every list, each in every format."""
    offers = [offer for offer in OFFERS if not offer.admin_only or visit.user.role == "admin"]
    return visit.page("exports/list.html", offers=offers, formats=list(ExportFormat))


@router.get("/audit")
async def audit(visit: Administrator, request: Request) -> Response:
    """The audit trail."""
    return await _download(visit, ExportNoun.AUDIT, request.query_params)


@router.get("/{noun}")
async def export(visit: Member, noun: ExportNoun, request: Request) -> Response:
    """A list under the conditions of its page; an empty or senseless one asks for nothing."""
    return await _download(visit, noun, request.query_params)


async def _download(visit: SignedIn, noun: ExportNoun, asked: QueryParams) -> Response:
    as_format = asked.get("format", "")
    query = ExportQuery(
        noun=noun,
        clients=client_list.listing(asked).first.query(visit.here.currency),
        client_id=_number(asked.get("client_id")),
        first_day=_day(asked.get("from")),
        last_day=_day(asked.get("to")),
        run_id=_number(asked.get("run_id")),
        import_id=_number(asked.get("import_id")),
    )
    chosen = ExportFormat(as_format) if as_format in list(ExportFormat) else ExportFormat.CSV
    try:
        return await download(visit.state, query, chosen)
    except InvalidValue as error:
        if error.field != "format":
            raise
        return visit.go("/exports", "workbook_too_large", rows=visit.language.number(MAX_WORKBOOK_ROWS))


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and 0 < int(text) < 2**63 else None


def _day(text: str | None) -> int | None:
    try:
        return epoch_day(date.fromisoformat(text)) if text else None
    except ValueError:
        return None

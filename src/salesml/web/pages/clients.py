"""Clients: the list, one client with everything known of them, and what people change by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from http import HTTPStatus

from fastapi import APIRouter, Request
from starlette.responses import Response

from salesml.core.activity import ActivityDay
from salesml.core.clients import CONSENTS, DEFAULT_SOURCE, ClientLine, Consent, ExternalId
from salesml.core.errors import (
    AlreadyExists,
    InvalidCursor,
    InvalidValue,
    ModelRefused,
    NoModel,
    TooLittleData,
)
from salesml.core.merges import Merge
from salesml.core.orders import Order
from salesml.core.pages import Page
from salesml.core.predictions import PastPrediction
from salesml.services import activity, client_scores, clients, merges, orders
from salesml.services.ports.unit_of_work import UnitOfWork
from salesml.web import client_list, why
from salesml.web.client_list import COLUMNS, RECENCIES
from salesml.web.reasons import reason
from salesml.web.visits import Administrator, Member, RowId, SignedIn

router = APIRouter(include_in_schema=False, prefix="/clients")
ORDERS, DAYS, RUNS = 10, 14, 12
_WORDS = {True: "yes", False: "no"}
_FIELDS = ("first_name", "last_name", "email", "registered_at")


@dataclass(frozen=True, kw_only=True)
class Portrait:
    """A client with the newest of everything; `past` are the forecasts of runs, the newest first."""

    line: ClientLine
    orders: Page[Order]
    days: Page[ActivityDay]
    past: Page[PastPrediction]
    merges: Sequence[Merge]


@router.get("")
async def show(visit: Member, request: Request) -> Response:
    """The list that the address asks for; for htmx only its rows."""
    asked = client_list.listing(request.query_params)
    query = asked.query(visit.here.currency)
    try:
        page = await visit.tx.read(clients.page, query, datetime.now(UTC))
    except InvalidCursor:
        return visit.go(asked.first.address)
    answer = visit.page(
        "clients/rows.html" if visit.is_fragment else "clients/list.html",
        fragment=visit.is_fragment,
        asked=asked,
        page=page,
        total=_total(visit, page),
        columns=COLUMNS,
        recencies=[(value, text) for value, (text, _) in RECENCIES.items()],
    )
    if visit.is_fragment:
        answer.headers["HX-Push-Url"] = asked.address
    return answer


@router.get("/new")
async def new(visit: Member) -> Response:
    """An empty form."""
    return _form(visit, {"source": DEFAULT_SOURCE})


@router.post("/new")
async def create(visit: Member, request: Request) -> Response:
    """Add a client, or show the form again with what is wrong beside the field."""
    typed = await _typed(request)
    try:
        external_id = ExternalId(
            source=typed.get("source", "").strip() or DEFAULT_SOURCE,
            external_id=typed.get("external_id", "").strip(),
        )
        line = await visit.tx.run(
            clients.create, external_id, _told(typed), actor=visit.user.email, now=datetime.now(UTC)
        )
    except InvalidValue as error:
        return _form(visit, typed, {error.field: reason(visit.language, error)})
    except AlreadyExists:
        taken = visit.language.gettext("There is a client with this number in this source already.")
        return _form(visit, typed, {"external_id": taken})
    return visit.go(f"/clients/{line.client.id}", "client_added")


@router.get("/{client_id}")
async def one(visit: Member, client_id: RowId) -> Response:
    """Everything known of a client."""
    found = await visit.tx.read(portrait, client_id, datetime.now(UTC))
    return _detail(visit, found)


@router.post("/{client_id}/score")
async def score(visit: Member, client_id: RowId) -> Response:
    """The same, with forecasts made at this moment."""
    now = datetime.now(UTC)
    found = await visit.tx.read(portrait, client_id, now)
    try:
        scored = await visit.tx.read(client_scores.score_now, client_id, visit.state.pipelines, now)
    except (NoModel, ModelRefused, TooLittleData):
        text = visit.language.gettext(
            "This client cannot be scored now: there is no model, or too little data."
        )
        return _detail(visit, found, refused=text)
    return _detail(visit, found, scored)


@router.get("/{client_id}/edit")
async def edit(visit: Member, client_id: RowId) -> Response:
    """A form with what is stored."""
    line = await visit.tx.read(clients.detail, client_id, datetime.now(UTC))
    return _form(visit, _stored(visit, line), line=line)


@router.post("/{client_id}/edit")
async def change(visit: Member, client_id: RowId, request: Request) -> Response:
    """Change a client, or show the form again with what is wrong beside the field."""
    typed = await _typed(request)
    now = datetime.now(UTC)
    line = await visit.tx.read(clients.detail, client_id, now)
    before = _stored(visit, line)
    changed = {name for name, stored in before.items() if typed.get(name, "").strip() != stored}
    try:
        fields = {name: value for name, value in _fields(typed).items() if name in changed}
        consents = {
            # Another word with the old day beside it was said now.
            name: told and (told if f"{name}_at" in changed else replace(told, at=None))
            for name, told in _consents(typed).items()
            if {name, f"{name}_at"} & changed
        }
        if consents:
            fields["consents"] = consents
        await visit.tx.run(clients.change, client_id, fields, actor=visit.user.email, now=now)
    except InvalidValue as error:
        return _form(visit, typed, {error.field: reason(visit.language, error)}, line=line)
    return visit.go(f"/clients/{client_id}", "client_changed")


@router.post("/{client_id}/delete")
async def delete(visit: Administrator, client_id: RowId) -> Response:
    """Delete a client with everything known of them, for good."""
    await visit.tx.run(clients.delete, client_id, actor=visit.user.email, now=datetime.now(UTC))
    await visit.tx.scrub()
    return visit.go("/clients", "client_deleted")


def portrait(uow: UnitOfWork, client_id: int, now: datetime) -> Portrait:
    """Raises NotFound."""
    return Portrait(
        line=clients.detail(uow, client_id, now),
        orders=orders.of_client(uow, client_id, limit=ORDERS),
        days=activity.of_client(uow, client_id, limit=DAYS),
        past=client_scores.past(uow, client_id, limit=RUNS),
        merges=merges.of_client(uow, client_id),
    )


def _detail(
    visit: SignedIn, found: Portrait, scored: client_scores.ScoreNow | None = None, refused: str | None = None
) -> Response:
    language, currency, newest = visit.language, visit.here.currency, found.past.items[:1]
    return visit.page(
        "clients/detail.html",
        found=found,
        told=why.of_past(language, currency, newest[0]) if newest else why.Told(),
        now_score=scored,
        now_told=None if scored is None else why.of_now(language, currency, scored),
        refused=refused,
    )


def _total(visit: SignedIn, page: Page[ClientLine]) -> str:
    """How many clients the list has, in words."""
    count = page.total or 0
    if page.total_is_capped:
        return visit.language.gettext("%(num)s+ clients", num=visit.language.number(count))
    return visit.language.ngettext("%(num)s client", "%(num)s clients", count)


async def _typed(request: Request) -> dict[str, str]:
    return {name: value for name, value in (await request.form()).items() if isinstance(value, str)}


def _fields(typed: Mapping[str, str]) -> dict[str, object]:
    """The fields of a client from a form; an empty one is cleared. Raises InvalidValue."""
    fields: dict[str, object] = {name: typed.get(name, "").strip() or None for name in _FIELDS}
    if at := _midnight("registered_at", typed.get("registered_at", "")):
        fields["registered_at"] = at
    return fields


def _told(typed: Mapping[str, str]) -> dict[str, object]:
    """The fields of a new client."""
    consents = {name: told for name, told in _consents(typed).items() if told is not None}
    return _fields(typed) | ({"consents": consents} if consents else {})


def _consents(typed: Mapping[str, str]) -> dict[str, Consent | None]:
    """What a form says of each consent; without a date, from now on. Raises InvalidValue."""
    found: dict[str, Consent | None] = {}
    for name in CONSENTS:
        granted = {"yes": True, "no": False}.get(typed.get(name, ""))
        at = _midnight(f"{name}_at", typed.get(f"{name}_at", ""))
        found[name] = None if granted is None else Consent(granted=granted, at=at)
    return found


def _midnight(field: str, text: str) -> datetime | None:
    """The beginning of a day on the shop's clock. Raises InvalidValue."""
    try:
        return (
            datetime.combine(date.fromisoformat(text.strip()), datetime.min.time()) if text.strip() else None
        )
    except ValueError:
        raise InvalidValue(field, "is not a date") from None


def _stored(visit: SignedIn, line: ClientLine) -> dict[str, str]:
    """What the form shows of a stored client."""
    client = line.client
    registered = client.registered_at
    unknown = dict.fromkeys((each for name in CONSENTS for each in (name, f"{name}_at")), "")
    return unknown | {
        "first_name": client.first_name or "",
        "last_name": client.last_name or "",
        "email": client.email or "",
        "registered_at": _day(visit, registered),
        **{name: _WORDS[told.granted] for name, told in client.consents.items()},
        **{f"{name}_at": _day(visit, told.at) for name, told in client.consents.items()},
    }


def _day(visit: SignedIn, at: datetime | None) -> str:
    return at.astimezone(visit.here.zone).date().isoformat() if at else ""


def _form(
    visit: SignedIn,
    typed: Mapping[str, str],
    errors: Mapping[str, str] | None = None,
    *,
    line: ClientLine | None = None,
) -> Response:
    return visit.page(
        "clients/form.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
        typed=typed,
        errors=errors or {},
        line=line,
    )

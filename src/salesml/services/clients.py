"""Clients: who a source's ids are, what a file says of them, and what people see and change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from salesml.core.clients import CONSENTS, Client, ClientLine, ClientQuery, ExternalId, clean_name
from salesml.core.days import FIRST_DAY, day_of, instant_of
from salesml.core.errors import AlreadyExists, InvalidValue, NotFound
from salesml.core.imports import Import, ImportCounts, Origin
from salesml.core.pages import Page, check_limit
from salesml.core.users import clean_email
from salesml.services import dashboard, installation
from salesml.services.ports.unit_of_work import UnitOfWork

CLIENT_FIELDS = [
    *("first_name", "last_name", "email", "registered_at", "registered_day"),
    *(name for consent in CONSENTS for name in (consent, f"{consent}_at")),
]


def page(uow: UnitOfWork, query: ClientQuery, now: datetime) -> Page[ClientLine]:
    """One page of a list. Raises InvalidCursor, InvalidValue for a limit out of range."""
    check_limit(query.limit)
    here = installation.current(uow)
    return uow.clients.page(query, threshold=here.threshold, today=day_of(now, here.zone))


def detail(uow: UnitOfWork, client_id: int, now: datetime) -> ClientLine:
    """One client with its newest figures. Raises NotFound."""
    here = installation.current(uow)
    return uow.clients.line(client_id, threshold=here.threshold, today=day_of(now, here.zone))


def create(
    uow: UnitOfWork, external_id: ExternalId, fields: Mapping[str, object], *, actor: str, now: datetime
) -> ClientLine:
    """Add a client; `fields` are those of `change`. Raises AlreadyExists when its source has it."""
    uow.clients.take_turns()
    if uow.clients.find(external_id) is not None:
        raise AlreadyExists(f"source {external_id.source} has a client {external_id.external_id} already")
    values = _checked(uow, fields, now)
    found = resolve(
        uow, Origin(source=external_id.source), pa.chunked_array([pa.array([external_id.external_id])])
    )
    if found.erased:
        raise InvalidValue("external_id", "belongs to a client who was erased")
    client = _found(uow, external_id)
    uow.clients.amend(client.id, values)
    dashboard.client_added(uow, now)
    uow.audit.add(at=now, actor=actor, action="client.created", subject=f"client {client.id}", detail={})
    return detail(uow, client.id, now)


def _found(uow: UnitOfWork, external_id: ExternalId) -> Client:
    client = uow.clients.find(external_id)
    if client is None:
        raise NotFound(f"source {external_id.source} has no client {external_id.external_id}")
    return client


def change(
    uow: UnitOfWork, client_id: int, fields: Mapping[str, object], *, actor: str, now: datetime
) -> ClientLine:
    """Set first_name, last_name, email, registered_at or consents, as far as they are given; None clears one.

    `consents` maps names of CONSENTS to a Consent, or to None for nothing known; one without a time was
    given or taken back now. A time without a zone is the shop's. Raises NotFound, InvalidValue.
    """
    uow.clients.take_turns()
    uow.clients.get(client_id)
    if fields:
        uow.clients.amend(client_id, _checked(uow, fields, now))
        uow.audit.add(
            at=now,
            actor=actor,
            action="client.changed",
            subject=f"client {client_id}",
            detail={"fields": sorted(fields)},
        )
    return detail(uow, client_id, now)


def delete(uow: UnitOfWork, client_id: int, *, actor: str, now: datetime) -> Mapping[str, int]:
    """Delete a client for good, with orders, activity, snapshots, predictions and what imports left of it.

    Answers the number of rows by table. The trail keeps that it was done, and nothing of the person. The
    caller then calls `scrub` of its transactions. Raises NotFound.
    """
    uow.clients.take_turns()
    uow.clients.get(client_id)
    removed = uow.clients.remove(client_id)
    dashboard.clients_changed(uow, now)
    if removed["orders"]:
        dashboard.sales_changed(uow, now)
    uow.audit.add(
        at=now, actor=actor, action="client.deleted", subject=f"client {client_id}", detail=dict(removed)
    )
    return removed


def _checked(uow: UnitOfWork, fields: Mapping[str, object], now: datetime) -> dict[str, str | int | None]:
    values: dict[str, str | int | None] = {}
    for name, value in fields.items():
        text = None if value is None else str(value)
        if name == "registered_at":
            values |= _registered(uow, value, now)
        elif name == "consents":
            values |= _consents(uow, value, now)
        elif name == "email":
            values[name] = clean_email(text) if text and text.strip() else None
        elif name in ("first_name", "last_name"):
            values[name] = clean_name(name, text)
        else:
            raise InvalidValue(name, "is not a field of a client that can be changed")
    return values


def _consents(uow: UnitOfWork, value: object, now: datetime) -> dict[str, str | int | None]:
    if not isinstance(value, Mapping) or not value.keys() <= set(CONSENTS):
        raise InvalidValue("consents", f"must be of {', '.join(CONSENTS)}")
    zone, values = installation.current(uow).zone, dict[str, str | int | None]()
    for name, told in value.items():
        if told is None:
            values |= {name: None, f"{name}_at": None}
            continue
        at = now if told.at is None else instant_of(told.at, zone)
        if day_of(at, zone) > day_of(now, zone):
            raise InvalidValue(name, "is in the future")
        values |= {name: told.granted, f"{name}_at": int(at.timestamp())}
    return values


def _registered(uow: UnitOfWork, value: object, now: datetime) -> dict[str, str | int | None]:
    if value is None:
        return {"registered_at": None, "registered_day": None}
    if not isinstance(value, datetime):
        raise InvalidValue("registered_at", "is not a date")
    zone = installation.current(uow).zone
    try:
        instant = instant_of(value, zone)
        day = day_of(instant, zone)
    except OverflowError:
        raise InvalidValue("registered_at", "is out of range") from None
    if day > day_of(now, zone) + 1:
        raise InvalidValue("registered_at", "is in the future")
    if day < FIRST_DAY:
        raise InvalidValue("registered_at", "is before 1970")
    return {"registered_at": int(instant.timestamp()), "registered_day": day}


@dataclass(frozen=True, kw_only=True)
class Identities:
    """Identity by external id; `created` of them are new, `erased` ids belong to nobody any more."""

    by_id: Mapping[str, int]
    created: frozenset[str]
    erased: frozenset[str]

    def of(self, external_ids: pa.ChunkedArray) -> pa.Array:
        """The identity of each id; null for null."""
        return pa.array([self.by_id.get(each) for each in external_ids.to_pylist()], pa.int64())


def resolve(uow: UnitOfWork, origin: Origin, external_ids: pa.ChunkedArray) -> Identities:
    """Find the identity of every id, making a client for each that is unknown and not erased.

    Ids that come live make a client that only an import knew, and perhaps an unpublished one, everybody's.
    """
    unique: Sequence[str] = pc.unique(external_ids.drop_null()).to_pylist()
    erased = uow.clients.is_erased(origin.source, unique)
    known = dict(uow.clients.identities(origin.source, unique))
    if origin.import_id is None:
        uow.clients.adopt(list(known.values()))
    missing = [each for each in unique if each not in known and each not in erased]
    if missing:
        known.update(uow.clients.create(origin.source, missing, origin.import_id))
    return Identities(by_id=known, created=frozenset(missing), erased=erased)


def without(rows: pa.Table, column: str, values: frozenset[str]) -> pa.Table:
    """The rows whose column has none of the values; nulls stay."""
    if not values:
        return rows
    found = pc.is_in(rows[column], value_set=pa.array(sorted(values), pa.string()))
    return rows.filter(pc.invert(found))


def publish_clients(uow: UnitOfWork, importing: Import, rows: pa.Table) -> ImportCounts:
    """Make unknown clients and set the fields that the file brings."""
    identities = resolve(uow, importing.origin, rows["client_external_id"])
    kept = without(rows, "client_external_id", identities.erased)
    is_new = pc.is_in(kept["client_external_id"], value_set=pa.array(sorted(identities.created), pa.string()))
    _overwrite(uow, importing, kept.filter(is_new), identities)
    known = kept.filter(pc.invert(is_new))
    changed = _overwrite(uow, importing, known, identities)
    return ImportCounts(
        accepted=len(identities.created),
        new_clients=len(identities.created),
        changed=changed,
        repeated=known.num_rows - changed,
        erased=rows.num_rows - kept.num_rows,
    )


def _overwrite(uow: UnitOfWork, importing: Import, rows: pa.Table, identities: Identities) -> int:
    if rows.num_rows == 0:
        return 0
    named = rows.select(CLIENT_FIELDS).add_column(0, "identity_id", identities.of(rows["client_external_id"]))
    return uow.clients.overwrite(named, importing.id)

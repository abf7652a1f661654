"""Erasing a client: the right to be forgotten (GDPR, article 17), and keeping what was erased away."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from salesml.core.clients import ExternalId
from salesml.core.errors import NotFound
from salesml.core.imports import Import, RejectedRow
from salesml.core.traces import cells_of
from salesml.services import dashboard
from salesml.services.ports.unit_of_work import UnitOfWork

_ID_FIELDS = ("client_id", "client_external_id", "external_id")


def erase(uow: UnitOfWork, client_id: int, *, actor: str, now: datetime) -> Mapping[str, int]:
    """Erase a client from every table, and remember a digest of its ids so that no import brings it back.

    Answers the number of rows by table; `documents` are jobs, reports and answers that named the client and
    were kept without it. The trail keeps that it was done, and nothing of the person. The caller then
    scrubs its transactions and removes left-over files. Raises NotFound.
    """
    uow.clients.take_turns()
    uow.clients.get(client_id)
    removed = uow.clients.erase(client_id, now)
    dashboard.clients_changed(uow, now)
    if removed["orders"]:
        dashboard.sales_changed(uow, now)
    uow.audit.add(
        at=now, actor=actor, action="client.erased", subject=f"client {client_id}", detail=dict(removed)
    )
    return removed


def client_called(uow: UnitOfWork, external_id: ExternalId) -> int:
    """Our id of the client whom a source calls so. Raises NotFound."""
    client = uow.clients.find(external_id)
    if client is None:
        raise NotFound(f"source {external_id.source} has no client {external_id.external_id}")
    return client.id


def without_erased(uow: UnitOfWork, importing: Import, rows: Sequence[RejectedRow]) -> Sequence[RejectedRow]:
    """Refused rows as they may be kept: of an erased client only number, field, code and a plain reason."""
    place = _id_place(importing)
    told = [_id_of(row, place) for row in rows]
    erased = uow.clients.is_erased(importing.source, sorted({one for one in told if one}))
    return [
        replace(row, raw=None, record=None, reason="of a client who was erased") if one in erased else row
        for row, one in zip(rows, told, strict=True)
    ]


def _id_place(importing: Import) -> int | None:
    mapping, columns = importing.reading.get("mapping"), importing.reading.get("columns")
    column = mapping.get("client_id") if isinstance(mapping, Mapping) else None
    names = list(columns) if isinstance(columns, list | tuple) else []
    return names.index(column) if column in names else None


def _id_of(row: RejectedRow, place: int | None) -> str:
    """The client's id that a refused row names; empty if none can be seen."""
    if row.record is None:
        return (row.raw or "").strip() if row.field in _ID_FIELDS else ""
    cells = cells_of(row.record, None)
    return cells[place] if place is not None and place < len(cells) else ""

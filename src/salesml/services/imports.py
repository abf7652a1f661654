"""Publishing a staged file in chunks, and taking an import back.

A chunk is one transaction. What it writes stays invisible until `finish` flips the import's state;
values that it overwrites are journaled under the import.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from salesml.core.errors import AlreadyExists, InvalidValue, NoGoodRow
from salesml.core.files import FileReading, Staged
from salesml.core.imports import Import, ImportCounts, ImportKind, ImportState, RejectedRow
from salesml.core.money import Currency
from salesml.core.pages import DEFAULT_LIMIT, Page, check_limit, decode_cursor, encode_cursor
from salesml.core.refusals import Refusal, Value
from salesml.core.reports import ImportReport
from salesml.services import dashboard, installation, outcomes, reports, sources
from salesml.services.activity import publish_activity
from salesml.services.clients import publish_clients
from salesml.services.erasure import without_erased
from salesml.services.orders import publish_orders
from salesml.services.paging import newest_first
from salesml.services.ports.unit_of_work import UnitOfWork

_VISIBLE_ONCE = (ImportState.PUBLISHED, ImportState.UNDOING, ImportState.UNDONE)


@dataclass(frozen=True, kw_only=True)
class ImportDetail:
    """An import, how many rows it set aside, by code, and what its file is like; `currency` gives sums a
    meaning."""

    importing: Import
    reasons: Mapping[str, int]
    report: ImportReport | None
    currency: Currency


def begin(
    uow: UnitOfWork,
    *,
    kind: ImportKind,
    source: str,
    file_name: str,
    file_sha256: str,
    reading: FileReading,
    now: datetime,
) -> Import:
    """Open an import. Raises AlreadyExists while another one is unfinished."""
    if unfinished := uow.imports.unpublished():
        raise AlreadyExists(f"import {unfinished[0].id} of {unfinished[0].file_name} is not finished yet")
    return uow.imports.add(
        kind=kind, source=source, file_name=file_name, file_sha256=file_sha256, reading=reading, now=now
    )


def unfinished(uow: UnitOfWork) -> Sequence[Import]:
    """Imports whose rows are not visible yet, or not any more."""
    return uow.imports.unpublished()


def begin_publishing(uow: UnitOfWork, import_id: int, staged: Staged, file_name: str, now: datetime) -> None:
    """Record what staging counted. Raises NoGoodRow when nothing of the file can be kept."""
    if staged.good == 0:
        raise _no_good_row(uow, import_id, file_name, staged.rows)
    reports.begin(uow, import_id)
    uow.imports.set_counts(import_id, ImportCounts(rows=staged.rows, repeated=staged.repeated))
    uow.imports.set_state(import_id, ImportState.PUBLISHING, now=now)


def publish(uow: UnitOfWork, import_id: int, rows: pa.Table, update: bool) -> ImportCounts:
    """Write one chunk of staged rows; answers what became of them."""
    uow.clients.take_turns()
    importing = uow.imports.get(import_id)
    match importing.kind:
        case ImportKind.ORDERS:
            counts, conflicts = publish_orders(uow, importing.origin, rows, update=update)
            set_aside(uow, import_id, conflicts)
        case ImportKind.CLIENTS:
            counts = publish_clients(uow, importing, rows)
        case ImportKind.ACTIVITY:
            counts = publish_activity(uow, importing.origin, rows)
    uow.imports.set_counts(import_id, importing.counts.plus(counts))
    return counts


def set_aside(uow: UnitOfWork, import_id: int, rows: Sequence[RejectedRow]) -> None:
    """Keep refused rows for the report; of erased clients, without what they say."""
    if rows:
        uow.imports.set_aside(import_id, without_erased(uow, uow.imports.get(import_id), rows))


def keep_rejected(uow: UnitOfWork, import_id: int, rows: pa.Table) -> None:
    """Keep a chunk of the rows that staging refused."""
    rejected = [RejectedRow(**row) for row in rows.to_pylist()]
    set_aside(uow, import_id, rejected)
    counts = uow.imports.get(import_id).counts
    uow.imports.set_counts(import_id, counts.plus(ImportCounts(rejected=len(rejected))))


def refused_rows(uow: UnitOfWork, import_id: int) -> Sequence[int]:
    """Numbers of the rows that were refused so far, ascending."""
    return uow.imports.refused_rows(import_id)


def keep_records(uow: UnitOfWork, import_id: int, lines: pa.Table) -> None:
    """Put whole rows of the file beside the orders that publishing refused: columns of `whole_orders`."""
    told = [
        RejectedRow(row=line["first"], field="", code="", reason="", record=line["record"])
        for line in lines.to_pylist()
    ]
    found: dict[int, str] = {}
    for row in without_erased(uow, uow.imports.get(import_id), told):
        if row.record is not None:
            before = found.get(row.row)
            found[row.row] = row.record if before is None else f"{before}\n{row.record}"
    uow.imports.add_records(import_id, found)


def finish(uow: UnitOfWork, import_id: int, staged: Staged, now: datetime) -> Import:
    """Make the import visible. Raises NoGoodRow when every row turned out to be a conflict."""
    importing = uow.imports.get(import_id)
    counts = importing.counts
    if counts.accepted + counts.changed + counts.repeated + counts.erased == 0:
        raise _no_good_row(uow, import_id, importing.file_name, counts.rejected)
    uow.activity.cover(staged.coverage, import_id)
    uow.imports.set_state(import_id, ImportState.PUBLISHED, now=now)
    if importing.kind is ImportKind.ORDERS:
        outcomes.ask(uow, now)
    _refresh_dashboard(uow, importing.kind, now)
    return uow.imports.get(import_id)


def _no_good_row(uow: UnitOfWork, import_id: int, file_name: str, rows: int) -> NoGoodRow:
    for one in uow.imports.rejected(import_id, 1):
        told: dict[str, Value] = {"row": one.row, "field": one.field, "reason": one.reason, "why": one.code}
        return NoGoodRow("no_good_row_but", file=file_name, rows=rows, **told)
    return NoGoodRow("no_good_row", file=file_name, rows=rows)


def begin_removal(uow: UnitOfWork, import_id: int, now: datetime) -> None:
    """Hide an import at once; `take_back` then removes its rows."""
    if uow.imports.get(import_id).state is not ImportState.UNDOING:
        uow.imports.set_state(import_id, ImportState.REMOVING, now=now)


def check_undo(uow: UnitOfWork, import_id: int) -> Import:
    """The import, if it can be undone or is. Raises NotFound, InvalidValue for one that was never visible."""
    importing = uow.imports.get(import_id)
    if importing.state not in _VISIBLE_ONCE:
        raise InvalidValue("import", f"{import_id} is {importing.state}: there is nothing of it to undo")
    return importing


def begin_undo(uow: UnitOfWork, import_id: int, now: datetime) -> bool:
    """Hide a published import at once; answers whether anything of it has to be taken back.

    Raises NotFound, InvalidValue for one that was never visible.
    """
    state = check_undo(uow, import_id).state
    if state is ImportState.PUBLISHED:
        uow.imports.set_state(import_id, ImportState.UNDOING, now=now)
    return state is not ImportState.UNDONE


def take_back(uow: UnitOfWork, import_id: int, limit: int) -> bool:
    """Remove about `limit` rows of the import; answers whether any is left."""
    uow.clients.take_turns()
    return uow.imports.take_back(import_id, limit)


def close(
    uow: UnitOfWork, import_id: int, error: str, now: datetime, refusal: Refusal | None = None
) -> Import:
    """Close an import whose rows are gone again: one that was visible as undone, another with the reason."""
    match uow.imports.get(import_id).state:
        case ImportState.UNDONE:
            return uow.imports.get(import_id)
        case ImportState.UNDOING:
            uow.imports.set_state(import_id, ImportState.UNDONE, now=now)
        case _:
            uow.imports.set_state(import_id, ImportState.FAILED, now=now, error=error, refusal=refusal)
    importing = uow.imports.get(import_id)
    _refresh_dashboard(uow, importing.kind, now)
    return importing


def undone(uow: UnitOfWork, import_id: int, *, actor: str, now: datetime) -> Import:
    """Close a published import whose rows are gone again; a repeat changes nothing."""
    if uow.imports.get(import_id).state is not ImportState.UNDONE:
        report = reports.of_import(uow, import_id)
        sources.go_back(uow, report.moved if report else None, now)
        detail: dict[str, object] = {"file_name": uow.imports.get(import_id).file_name}
        uow.audit.add(
            at=now, actor=actor, action="import.undone", subject=f"import {import_id}", detail=detail
        )
    return close(uow, import_id, "", now)


def _refresh_dashboard(uow: UnitOfWork, kind: ImportKind, now: datetime) -> None:
    dashboard.clients_changed(uow, now)
    if kind is ImportKind.ORDERS:
        dashboard.sales_changed(uow, now)


def page(uow: UnitOfWork, *, limit: int = DEFAULT_LIMIT, cursor: str | None = None) -> Page[Import]:
    """Imports of files, the newest first. Raises InvalidValue, InvalidCursor."""
    return newest_first("imports", uow.imports.page, lambda each: each.id, limit=limit, cursor=cursor)


def page_here(
    uow: UnitOfWork, *, limit: int = DEFAULT_LIMIT, cursor: str | None = None
) -> tuple[Page[Import], Currency]:
    """The same, and the currency that gives net sums a meaning."""
    return page(uow, limit=limit, cursor=cursor), installation.current(uow).currency


def get(uow: UnitOfWork, import_id: int) -> Import:
    """Raises NotFound."""
    return uow.imports.get(import_id)


def detail(uow: UnitOfWork, import_id: int) -> ImportDetail:
    """Raises NotFound."""
    return ImportDetail(
        importing=uow.imports.get(import_id),
        reasons=uow.imports.reasons(import_id),
        report=reports.of_import(uow, import_id),
        currency=installation.current(uow).currency,
    )


def rejected(
    uow: UnitOfWork, import_id: int, limit: int, after: tuple[int, str, str] | None = None
) -> Sequence[RejectedRow]:
    """Rows that an import set aside, by (row, field, code): the first ones, or those after the given one."""
    return uow.imports.rejected(import_id, limit, after)


def rejected_page(
    uow: UnitOfWork, import_id: int, *, limit: int = DEFAULT_LIMIT, cursor: str | None = None
) -> Page[RejectedRow]:
    """Rows that an import set aside, by row. Raises NotFound, InvalidValue, InvalidCursor."""
    uow.imports.get(import_id)
    scope = f"rejected {import_id}"
    after = None if cursor is None else _position(scope, cursor)
    found = uow.imports.rejected(import_id, check_limit(limit) + 1, after)
    items = tuple(found[:limit])
    more = len(found) > limit
    key = (items[-1].row, items[-1].field, items[-1].code) if more else ()
    return Page(items=items, next_cursor=encode_cursor(scope, key) if more else None)


def _position(scope: str, cursor: str) -> tuple[int, str, str]:
    row, field, code = decode_cursor(scope, cursor, ((int,), (str,), (str,)))
    return int(str(row)), str(field), str(code)

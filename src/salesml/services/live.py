"""Rows that are sent live, rather than brought by a file: one transaction a batch, part of no import."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from salesml.core.days import day_of
from salesml.core.errors import BatchRefused, InvalidValue
from salesml.core.imports import ImportCounts, ImportKind, Origin, RejectedRow
from salesml.core.installation import Installation
from salesml.services import dashboard
from salesml.services.ports.records import CheckedRecords, RecordChecker, Unpriced
from salesml.services.ports.unit_of_work import UnitOfWork

MAX_ROWS = 10_000
_ERASED = "belongs to a client who was erased"


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What became of a batch: rows that are new, equal to stored ones, changed, and rejected."""

    accepted: int
    repeated: int
    changed: int
    rejected: tuple[RejectedRow, ...]


def checked(
    check: RecordChecker,
    kind: ImportKind,
    records: object,
    here: Installation,
    now: datetime,
    unpriced: Unpriced | None = None,
) -> CheckedRecords:
    """The records of a body, checked by the rules of imports; needs no transaction but what `unpriced` asks.

    Raises InvalidValue unless it is a list of 1 to MAX_ROWS values.
    """
    if not isinstance(records, list):
        raise InvalidValue("body", f"must be a list of {kind} records")
    if not 1 <= len(records) <= MAX_ROWS:
        raise InvalidValue("body", f"must have 1 to {MAX_ROWS:,} records, has {len(records):,}")
    # A day's grace for clocks and zones, as with files.
    last_day = day_of(now, here.zone) + 1
    return check(kind, records, currency=here.currency, zone=here.zone, last_day=last_day, unpriced=unpriced)


def take_live(
    uow: UnitOfWork,
    batch: CheckedRecords,
    publish: Callable[[Origin, pa.Table], tuple[ImportCounts, Sequence[RejectedRow]]],
    now: datetime,
) -> Taken:
    """Store the good rows, source by source. Raises BatchRefused when there is none."""
    uow.clients.take_turns()
    counts, rejected = ImportCounts(repeated=batch.repeated), list(batch.rejected)
    for source in pc.unique(batch.good["source"]).to_pylist():
        rows = batch.good.filter(pc.equal(batch.good["source"], source))
        rows, erased = _without_erased(uow, source, rows)
        stored, conflicts = publish(Origin(source=source), rows)
        counts, rejected = counts.plus(stored), [*rejected, *erased, *conflicts]
    rejected.sort(key=lambda row: (row.row, row.field))
    if not counts.accepted + counts.repeated + counts.changed:
        raise BatchRefused("no row of the batch is good; each error names its row", rejected)
    _count_clients(uow, counts.new_clients, now)
    return Taken(
        accepted=counts.accepted,
        repeated=counts.repeated,
        changed=counts.changed,
        rejected=tuple(rejected),
    )


def _without_erased(uow: UnitOfWork, source: str, rows: pa.Table) -> tuple[pa.Table, list[RejectedRow]]:
    names = pc.unique(rows["client_external_id"].drop_null()).to_pylist()
    erased = uow.clients.is_erased(source, names)
    if not erased:
        return rows, []
    of_erased = pc.is_in(rows["client_external_id"], value_set=pa.array(sorted(erased), pa.string()))
    numbers = rows.filter(of_erased)["row"].to_pylist()
    named = [RejectedRow(row=row, field="client_id", code="erased", reason=_ERASED) for row in numbers]
    return rows.filter(pc.invert(of_erased)), named


def _count_clients(uow: UnitOfWork, new: int, now: datetime) -> None:
    # A client that an unpublished import had made has become visible without being new.
    if uow.imports.unpublished():
        dashboard.clients_changed(uow, now)
    elif new:
        dashboard.client_added(uow, now, new)

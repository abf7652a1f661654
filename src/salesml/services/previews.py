"""Counting what an import would do, by the rules of publishing, without writing anything."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from salesml.core.imports import ImportCounts, ImportKind
from salesml.services import rates
from salesml.services.clients import without
from salesml.services.orders import differences
from salesml.services.ports.unit_of_work import UnitOfWork


@dataclass
class Outlook:
    """What chunks have added up to; `newcomers` are the ids of clients that nobody knows yet."""

    counts: ImportCounts = field(default_factory=ImportCounts)
    reasons: dict[str, int] = field(default_factory=dict)
    net_repeated: int = 0
    net_conflicts: int = 0
    newcomers: set[str] = field(default_factory=set)

    def add(self, counts: ImportCounts) -> None:
        self.counts = self.counts.plus(counts)

    def give_reason(self, code: str, rows: int) -> None:
        """Count the rows that are set aside for a reason."""
        self.reasons[code] = self.reasons.get(code, 0) + rows

    def set_aside(self, code: str, rows: int) -> None:
        """Count rows that the database refuses."""
        if rows:
            self.give_reason(code, rows)
            self.add(ImportCounts(rejected=rows))


def count(
    uow: UnitOfWork, kind: ImportKind, source: str, rows: pa.Table, outlook: Outlook, *, update: bool
) -> None:
    """Count one chunk of staged rows; keys recur in no other chunk."""
    match kind:
        case ImportKind.ORDERS:
            _orders(uow, source, rows, outlook, update=update)
        case ImportKind.CLIENTS:
            _clients(uow, source, rows, outlook)
        case ImportKind.ACTIVITY:
            _activity(uow, source, rows, outlook)


def _orders(uow: UnitOfWork, source: str, rows: pa.Table, outlook: Outlook, *, update: bool) -> None:
    priced = rates.converted(uow, source, rows)
    for refused in priced.rejected:
        outlook.set_aside(refused.code, 1)
    rows = priced.rows
    existing = uow.orders.existing(source, rows["order_id"].to_pylist())
    known = pc.is_in(rows["order_id"], value_set=pa.array(list(existing), pa.string()))
    seen = rows.filter(known)
    changed = pa.array([each for each, _ in differences(seen, existing, update=update)], pa.string())
    differing = pc.is_in(seen["order_id"], value_set=changed)
    repeated, contrary = seen.filter(pc.invert(differing)), seen.filter(differing)
    fresh, erased = _met(uow, source, rows.filter(pc.invert(known)), outlook)
    outlook.add(
        ImportCounts(
            accepted=fresh.num_rows,
            guests=fresh["client_external_id"].null_count,
            repeated=repeated.num_rows,
            erased=erased,
            net=_sum(fresh),
        )
    )
    outlook.net_repeated += _sum(repeated)
    outlook.net_conflicts += _sum(contrary)
    if update:
        kept, gone = _met(uow, source, contrary, outlook)
        outlook.add(ImportCounts(changed=kept.num_rows, erased=gone))
    else:
        outlook.set_aside("conflict", contrary.num_rows)


def _clients(uow: UnitOfWork, source: str, rows: pa.Table, outlook: Outlook) -> None:
    kept, erased = _met(uow, source, rows, outlook)
    identities = uow.clients.identities(source, kept["client_external_id"].to_pylist())
    changed = uow.imports.changed_clients(_known(kept, identities))
    outlook.add(
        ImportCounts(
            accepted=kept.num_rows - len(identities),
            changed=changed,
            repeated=len(identities) - changed,
            erased=erased,
        )
    )


def _activity(uow: UnitOfWork, source: str, rows: pa.Table, outlook: Outlook) -> None:
    kept, erased = _met(uow, source, rows, outlook)
    ids = pc.unique(kept["client_external_id"]).to_pylist()
    there, changed = uow.imports.changed_days(_known(kept, uow.clients.identities(source, ids)))
    outlook.add(
        ImportCounts(accepted=kept.num_rows - there, changed=changed, repeated=there - changed, erased=erased)
    )


def _met(uow: UnitOfWork, source: str, rows: pa.Table, outlook: Outlook) -> tuple[pa.Table, int]:
    """The rows of nobody who was erased, their unknown clients counted; and how many rows were left out."""
    ids = pc.unique(rows["client_external_id"].drop_null()).to_pylist()
    gone = uow.clients.is_erased(source, ids)
    known = uow.clients.identities(source, ids)
    new = {each for each in ids if each not in known and each not in gone} - outlook.newcomers
    outlook.newcomers |= new
    outlook.add(ImportCounts(new_clients=len(new)))
    kept = without(rows, "client_external_id", gone)
    return kept, rows.num_rows - kept.num_rows


def _known(rows: pa.Table, identities: Mapping[str, int]) -> pa.Table:
    """The rows of known clients, with their `identity_id`."""
    found = [identities.get(each) for each in rows["client_external_id"].to_pylist()]
    named = rows.append_column("identity_id", pa.array(found, pa.int64()))
    return named.filter(named["identity_id"].is_valid())


def _sum(rows: pa.Table) -> int:
    return pc.sum(rows["amount"]).as_py() or 0

"""Clients: who a source's ids are, and what a file says of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from salesml.core.imports import Import, ImportCounts, Origin
from salesml.services.ports.unit_of_work import UnitOfWork

CLIENT_FIELDS = ["first_name", "last_name", "email", "registered_at", "registered_day"]


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

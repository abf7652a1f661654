"""Orders, brought by a file or sent live: new ones, equal repeats, and those that contradict stored ones."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from salesml.core.imports import ImportCounts, Origin, RejectedRow
from salesml.core.orders import Order
from salesml.core.pages import DEFAULT_LIMIT, Page
from salesml.services import dashboard, rates
from salesml.services.clients import resolve, without
from salesml.services.live import Taken, take_live
from salesml.services.paging import newest_first_at
from salesml.services.ports.records import CheckedRecords
from salesml.services.ports.unit_of_work import UnitOfWork

_COMPARED = (
    *("client_external_id", "ordered_at", "amount", "kind", "cancels"),
    *("original_amount", "original_currency"),
)


def publish_orders(
    uow: UnitOfWork, origin: Origin, rows: pa.Table, *, update: bool
) -> tuple[ImportCounts, list[RejectedRow]]:
    """Insert unknown orders, converted to the installation's currency; answers the counts, and the rows that
    contradict a stored order or have no exchange rate.

    With `update` the former replace it instead, and the old values are journaled.
    """
    priced = rates.converted(uow, origin.source, rows)
    counts, conflicts = _publish_priced(uow, origin, priced.rows, update=update)
    rejected = [*priced.rejected, *conflicts]
    return counts.plus(ImportCounts(rejected=len(rejected))), rejected


def _publish_priced(
    uow: UnitOfWork, origin: Origin, rows: pa.Table, *, update: bool
) -> tuple[ImportCounts, list[RejectedRow]]:
    existing = uow.orders.existing(origin.source, rows["order_id"].to_pylist())
    known = pc.is_in(rows["order_id"], value_set=pa.array(list(existing), pa.string()))
    fresh, seen = rows.filter(pc.invert(known)), rows.filter(known)
    differing = dict(differences(seen, existing, update=update))
    repeated = [
        existing[order_id][0] for order_id in seen["order_id"].to_pylist() if order_id not in differing
    ]
    uow.orders.brought(repeated, origin.import_id)
    counts = _add(uow, origin, fresh).plus(ImportCounts(repeated=len(repeated)))
    if not differing:
        return counts, []
    changed = seen.filter(pc.is_in(seen["order_id"], value_set=pa.array(list(differing), pa.string())))
    if update:
        return counts.plus(_replace(uow, origin, changed, existing)), []
    conflicts = [
        _conflict(origin, row, differing[row["order_id"]])
        for row in changed.select(["row", "order_id"]).to_pylist()
    ]
    return counts, conflicts


def _add(uow: UnitOfWork, origin: Origin, fresh: pa.Table) -> ImportCounts:
    if fresh.num_rows == 0:
        return ImportCounts()
    named, kept, created = _with_identities(uow, origin, fresh)
    uow.orders.add(named, origin.source, origin.import_id)
    return ImportCounts(
        accepted=kept.num_rows,
        guests=kept["client_external_id"].null_count,
        erased=fresh.num_rows - kept.num_rows,
        new_clients=created,
        net=pc.sum(kept["amount"]).as_py() or 0,
    )


def _replace(
    uow: UnitOfWork, origin: Origin, changed: pa.Table, existing: Mapping[str, tuple[int, Order]]
) -> ImportCounts:
    named, kept, created = _with_identities(uow, origin, changed)
    row_ids = [existing[order_id][0] for order_id in kept["order_id"].to_pylist()]
    uow.orders.overwrite(named.append_column("row_id", pa.array(row_ids, pa.int64())), origin.import_id)
    return ImportCounts(changed=kept.num_rows, erased=changed.num_rows - kept.num_rows, new_clients=created)


def _with_identities(uow: UnitOfWork, origin: Origin, rows: pa.Table) -> tuple[pa.Table, pa.Table, int]:
    identities = resolve(uow, origin, rows["client_external_id"])
    kept = without(rows, "client_external_id", identities.erased)
    named = kept.append_column("identity_id", identities.of(kept["client_external_id"]))
    return named, kept, len(identities.created)


def differences(
    seen: pa.Table, existing: Mapping[str, tuple[int, Order]], *, update: bool
) -> Iterator[tuple[str, str]]:
    """(order id, first field that differs) for each row that contradicts its stored order.

    What another currency was converted to is no contradiction: rates change. An update converts anew.
    """
    for row in seen.select(["order_id", *_COMPARED]).to_pylist():
        order = existing[row["order_id"]][1]
        stored = (
            order.client_id,
            int(order.ordered_at.timestamp()),
            order.amount,
            order.kind.value,
            order.cancels,
            order.original_amount,
            order.original_currency,
        )
        fixed = not update and order.original_currency is not None
        for name, old in zip(_COMPARED, stored, strict=True):
            if row[name] != old and not (name == "amount" and fixed and row["original_currency"]):
                yield row["order_id"], name
                break


def _conflict(origin: Origin, row: dict[str, Any], name: str) -> RejectedRow:
    field = {
        "client_external_id": "client_id",
        "original_amount": "amount",
        "original_currency": "currency",
    }.get(name, name)
    option = "?update=true" if origin.import_id is None else "--update"
    return RejectedRow(
        row=row["row"],
        field=field,
        code="conflict",
        reason=f"order {row['order_id']} is stored already with another {field}; {option} replaces it",
        raw=row["order_id"],
    )


def totals(uow: UnitOfWork) -> tuple[int, int, int]:
    """Number of orders, number of clients with an order, and net sum in minor units."""
    return uow.orders.totals()


def of_client(
    uow: UnitOfWork, client_id: int, *, limit: int = DEFAULT_LIMIT, cursor: str | None = None
) -> Page[Order]:
    """A client's orders, the newest first. Raises NotFound, InvalidValue, InvalidCursor."""
    uow.clients.get(client_id)

    def fetch(size: int, before: tuple[int, int] | None) -> list[tuple[tuple[int, int], Order]]:
        found = uow.orders.of_client(client_id, size, before)
        return [((int(order.ordered_at.timestamp()), row_id), order) for row_id, order in found]

    return newest_first_at(f"orders of client {client_id}", fetch, limit=limit, cursor=cursor)


def take(uow: UnitOfWork, batch: CheckedRecords, *, update: bool, now: datetime) -> Taken:
    """Store orders that were sent live: visible at once, and part of no import.

    Orders that contradict stored ones are rejected, unless `update` replaces those. Raises BatchRefused,
    writing nothing, when no row is good.
    """
    touched = [pc.min(batch.good["ordered_day"]).as_py(), pc.max(batch.good["ordered_day"]).as_py()]

    def publish(origin: Origin, rows: pa.Table) -> tuple[ImportCounts, list[RejectedRow]]:
        if update:
            # The days that orders leave when they are replaced.
            touched.extend(uow.orders.days_of(origin.source, rows["order_id"].to_pylist()) or ())
        return publish_orders(uow, origin, rows, update=update)

    taken = take_live(uow, batch, publish, now)
    if taken.accepted or taken.changed:
        dashboard.sales_changed(uow, now, min(touched), max(touched))
    return taken

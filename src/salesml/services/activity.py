"""Daily activity, brought by a file or sent live."""

from datetime import datetime

import pyarrow as pa

from salesml.core.activity import METRICS, ActivityDay
from salesml.core.imports import ImportCounts, Origin, RejectedRow
from salesml.core.pages import DEFAULT_LIMIT, Page
from salesml.services.clients import resolve, without
from salesml.services.live import Taken, take_live
from salesml.services.paging import newest_first_at
from salesml.services.ports.records import CheckedRecords
from salesml.services.ports.unit_of_work import UnitOfWork


def publish_activity(uow: UnitOfWork, origin: Origin, rows: pa.Table) -> ImportCounts:
    """Insert new days and change the metrics that the file brings."""
    identities = resolve(uow, origin, rows["client_external_id"])
    kept = without(rows, "client_external_id", identities.erased)
    days = kept.select(["day", *METRICS])
    named = days.add_column(0, "identity_id", identities.of(kept["client_external_id"]))
    inserted, changed = uow.activity.upsert(named, origin.import_id)
    return ImportCounts(
        accepted=inserted,
        changed=changed,
        repeated=kept.num_rows - inserted - changed,
        erased=rows.num_rows - kept.num_rows,
        new_clients=len(identities.created),
    )


def of_client(
    uow: UnitOfWork, client_id: int, *, limit: int = DEFAULT_LIMIT, cursor: str | None = None
) -> Page[ActivityDay]:
    """A client's days, the newest first. Raises NotFound, InvalidValue, InvalidCursor."""
    uow.clients.get(client_id)

    def fetch(size: int, before: tuple[int, int] | None) -> list[tuple[tuple[int, int], ActivityDay]]:
        return [
            ((one.day, identity), one) for identity, one in uow.activity.of_client(client_id, size, before)
        ]

    return newest_first_at(f"activity of client {client_id}", fetch, limit=limit, cursor=cursor)


def take(uow: UnitOfWork, batch: CheckedRecords, *, now: datetime) -> Taken:
    """Store days that were sent live: visible at once, and part of no import. A day that is there already
    gets the metrics that are brought, and the days of the batch count as known.

    Raises BatchRefused, writing nothing, when no row is good.
    """

    def publish(origin: Origin, rows: pa.Table) -> tuple[ImportCounts, list[RejectedRow]]:
        return publish_activity(uow, origin, rows), []

    taken = take_live(uow, batch, publish, now)
    uow.activity.cover(batch.coverage, None)
    return taken

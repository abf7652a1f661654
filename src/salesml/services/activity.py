"""Daily activity brought by a file."""

import pyarrow as pa

from salesml.core.activity import METRICS
from salesml.core.imports import ImportCounts, Origin
from salesml.services.clients import resolve, without
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

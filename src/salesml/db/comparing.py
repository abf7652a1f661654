"""How rows of a file differ from what is stored, without changing anything."""

from typing import Any

import pyarrow as pa
from sqlalchemy.orm import Session

from salesml.core.activity import METRICS
from salesml.db.bulk import columns_of, execute, keys
from salesml.db.journal import FIELDS, Key, current


def changed_clients(session: Session, rows: pa.Table) -> int:
    """How many clients of the rows (`identity_id` and client fields) would get another value."""
    identities, parameters = keys(session, "bigint", id=rows["identity_id"].to_pylist())
    clients = dict(
        execute(
            session,
            f"SELECT i.id, i.client_id FROM {identities} AS k CROSS JOIN client_ids AS i WHERE i.id = k.id",
            parameters,
        ).all()
    )
    names = [name for name in FIELDS["clients"] if name in rows.column_names]
    now = current(session, "clients", [(key,) for key in set(clients.values())])
    changed = set()
    for identity, *values in columns_of(rows, "identity_id", *names):
        stored = now[(clients[identity],)]
        brought = zip(names, values, strict=True)
        if any(value is not None and stored[name] != value for name, value in brought):
            changed.add(clients[identity])
    return len(changed)


def changed_days(session: Session, rows: pa.Table) -> tuple[int, int]:
    """How many days of the rows (`identity_id`, `day`, metrics) are stored, and how many would change."""
    brought: dict[Key, list[Any]] = {
        (identity, day): values for identity, day, *values in columns_of(rows, "identity_id", "day", *METRICS)
    }
    now = current(session, "activity", list(brought))
    changed = sum(
        any(
            value is not None and stored[name] != value
            for name, value in zip(METRICS, brought[key], strict=True)
        )
        for key, stored in now.items()
    )
    return len(now), changed

"""Deleting one client with everything that is known of it; erasing keeps it from coming back as well."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from salesml.core.traces import Traces
from salesml.db.bulk import execute
from salesml.db.traces import redact_documents, remove_rejects, traces_of

_IDENTITIES = "(SELECT i.id FROM client_ids AS i WHERE i.client_id = :id)"
_ORDERS = f"(SELECT o.id FROM orders AS o WHERE o.identity_id IN {_IDENTITIES})"
_NUMBERS = f"(SELECT o.order_id FROM orders AS o WHERE o.identity_id IN {_IDENTITIES})"
_ROW_KEYS = {
    "clients": "SELECT CAST(c.id AS text) FROM clients AS c WHERE c.id = :id "
    "UNION SELECT CAST(m.merged_client_id AS text) FROM client_merges AS m WHERE m.client_id = :id",
    "orders": f"SELECT CAST(o.id AS text) FROM orders AS o WHERE o.identity_id IN {_IDENTITIES}",
    "activity": "SELECT CAST(v.identity_id AS text) || ':' || CAST(v.day AS text) "
    f"FROM activity AS v WHERE v.identity_id IN {_IDENTITIES}",
}
_STEPS = (
    # What imports left behind goes first, while the rows still say what is the client's.
    ("import_rejects", f"raw IN {_NUMBERS}"),
    *(
        ("import_changes", f"\"table\" = '{table}' AND row_key IN ({row_keys})")
        for table, row_keys in _ROW_KEYS.items()
    ),
    ("order_repeats", f"order_pk IN {_ORDERS}"),
    ("orders", f"identity_id IN {_IDENTITIES}"),
    ("activity", f"identity_id IN {_IDENTITIES}"),
    ("client_activity", "client_id = :id"),
    ("sales_predictions", "client_id = :id"),
    ("purchase_predictions", "client_id = :id"),
    ("client_outlooks", "client_id = :id"),
    ("client_merges", "client_id = :id"),
    ("distinct_clients", "first_id = :id OR second_id = :id"),
    ("client_ids", "client_id = :id"),
    ("clients", "id = :id"),
)


def remove(session: Session, client_id: int) -> Mapping[str, int]:
    """Delete the client and all rows about it; answers how many there were in each table."""
    return _remove(session, client_id, traces_of(session, client_id))


def erase(session: Session, client_id: int, now: datetime) -> Mapping[str, int]:
    """The same; besides, what jobs, reports and answers tell of the client is taken out of them
    (`documents` counts those), and each of its ids leaves a digest by which imports skip it."""
    traces = traces_of(session, client_id)
    removed = _remove(session, client_id, traces)
    removed["documents"] = redact_documents(session, traces)
    remember(session, traces, now)
    return removed


def remember(session: Session, traces: Traces, now: datetime) -> None:
    """Keep a digest of each id; one that was erased before stays as it is."""
    digest = digester(session)
    execute(
        session,
        "INSERT INTO erased (digest, erased_at) VALUES (:digest, :at) ON CONFLICT DO NOTHING",
        [{"digest": digest(one.source, one.external_id), "at": int(now.timestamp())} for one in traces.ids],
    )


def digester(session: Session) -> Callable[[str, str], bytes]:
    """How erased ids are known again. Raises RuntimeError in a session that was not told."""
    digest: Any = session.info.get("erased_digest")
    if digest is None:
        raise RuntimeError("erased clients are known by a digest, and this session has no erased_digest")
    return lambda source, external_id: bytes(digest(source, external_id))


def _remove(session: Session, client_id: int, traces: Traces) -> dict[str, int]:
    removed: dict[str, int] = {}
    for table, condition in _STEPS:
        done = execute(session, f"DELETE FROM {table} WHERE {condition}", {"id": client_id})
        removed[table] = removed.get(table, 0) + int(done.rowcount)
    removed["import_rejects"] += remove_rejects(session, traces)
    return removed

"""Deleting one client for good, with everything that is known of it."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from salesml.db.bulk import execute

_IDENTITIES = "(SELECT i.id FROM client_ids AS i WHERE i.client_id = :id)"
_ORDERS = f"(SELECT o.id FROM orders AS o WHERE o.identity_id IN {_IDENTITIES})"
_TOLD = (
    "(SELECT i.external_id FROM client_ids AS i WHERE i.client_id = :id "
    "UNION SELECT c.email FROM clients AS c WHERE c.id = :id)"
)
_ROW_KEYS = {
    "clients": "SELECT CAST(c.id AS text) FROM clients AS c WHERE c.id = :id",
    "orders": f"SELECT CAST(o.id AS text) FROM orders AS o WHERE o.identity_id IN {_IDENTITIES}",
    "activity": "SELECT CAST(v.identity_id AS text) || ':' || CAST(v.day AS text) "
    f"FROM activity AS v WHERE v.identity_id IN {_IDENTITIES}",
}
_STEPS = (
    # What imports left behind goes first, while the rows still say what is the client's.
    ("import_rejects", f"raw IN {_TOLD}"),
    *(
        ("import_changes", f"\"table\" = '{table}' AND row_key IN ({row_keys})")
        for table, row_keys in _ROW_KEYS.items()
    ),
    ("order_imports", f"order_pk IN {_ORDERS}"),
    ("orders", f"identity_id IN {_IDENTITIES}"),
    ("activity", f"identity_id IN {_IDENTITIES}"),
    ("client_activity", "client_id = :id"),
    ("sales_predictions", "client_id = :id"),
    ("purchase_predictions", "client_id = :id"),
    ("client_ids", "client_id = :id"),
    ("clients", "id = :id"),
)


def remove(session: Session, client_id: int) -> Mapping[str, int]:
    """Delete the client and all rows about it; answers how many there were in each table."""
    removed: dict[str, int] = {}
    for table, condition in _STEPS:
        done = execute(session, f"DELETE FROM {table} WHERE {condition}", {"id": client_id})
        removed[table] = removed.get(table, 0) + int(done.rowcount)
    return removed

"""Taking an import back, step by step in bounded chunks; each chunk leaves every foreign key whole.

What a step has handled no longer answers its question, so a repeat after a crash goes on where it stopped.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from salesml.db.bulk import execute, keys
from salesml.db.restoring import put_back
from salesml.db.visibility import brought

Step = Callable[[Session, int, Sequence[Any]], None]


class _Judged(NamedTuple):
    """A row that stays if it is `used`, and then belongs to the import `heir`, or to none."""

    id: int
    used: bool
    heir: int | None


def take_back(session: Session, import_id: int, limit: int) -> bool:
    """Undo about `limit` rows of what the import wrote; answers whether anything is left.

    A client that goes takes its snapshots and predictions with it: they say nothing without it.
    """
    for question, undo in _STEPS:
        rows = _ask(session, question, import_id, limit)
        if rows:
            undo(session, import_id, rows)
        limit -= len(rows)
    return limit <= 0 and any(_ask(session, question, import_id, 1) for question, _ in _STEPS)


def _ask(session: Session, question: str, import_id: int, limit: int) -> Sequence[Any]:
    answer = execute(session, f"{question} LIMIT :limit", {"import_id": import_id, "limit": limit})
    return list(answer.all())


def _orders(session: Session, import_id: int, rows: Sequence[Any]) -> None:  # noqa: ARG001
    """An order that another import brought too is handed over to the first of those."""
    source, parameters = keys(session, "bigint", id=[row.id for row in rows])
    heirs = execute(
        session,
        f"SELECT k.id, min(r.import_id) AS heir FROM {source} AS k "
        "LEFT JOIN order_repeats AS r ON r.order_pk = k.id GROUP BY k.id",
        parameters,
    ).all()
    handed = [{"id": row.id, "heir": row.heir} for row in heirs if row.heir is not None]
    _each(session, "UPDATE orders SET import_id = :heir WHERE id = :id", handed)
    _each(session, "DELETE FROM order_repeats WHERE import_id = :heir AND order_pk = :id", handed)
    _each(session, "DELETE FROM orders WHERE id = :id", [{"id": row.id} for row in heirs if row.heir is None])


def _repeats(session: Session, import_id: int, rows: Sequence[Any]) -> None:
    _each(
        session,
        "DELETE FROM order_repeats WHERE import_id = :import_id AND order_pk = :order_pk",
        [{"import_id": import_id, "order_pk": row.order_pk} for row in rows],
    )


def _activity(session: Session, import_id: int, rows: Sequence[Any]) -> None:  # noqa: ARG001
    _each(
        session,
        "DELETE FROM activity WHERE identity_id = :identity_id AND day = :day",
        [{"identity_id": row.identity_id, "day": row.day} for row in rows],
    )


def _coverage(session: Session, import_id: int, rows: Sequence[Any]) -> None:
    _each(
        session,
        "DELETE FROM activity_coverage WHERE import_id = :import_id AND metric = :metric",
        [{"import_id": import_id, "metric": row.metric} for row in rows],
    )


def _identities(session: Session, import_id: int, rows: Sequence[Any]) -> None:
    """Orders or activity of others keep an identity, and so does a client that others brought too.

    It then belongs to one of those imports, to go with the last of them; to none if it is in use by what
    came live.
    """
    source, parameters = keys(session, "bigint", id=[row.id for row in rows])
    judged = execute(
        session,
        "SELECT i.id, EXISTS (SELECT 1 FROM orders AS o WHERE o.identity_id = i.id) "
        "OR EXISTS (SELECT 1 FROM activity AS a WHERE a.identity_id = i.id) "
        "OR c.import_id IS NULL OR c.import_id <> :import_id AS used, "
        f"CASE WHEN NOT {_USED_LIVE} THEN coalesce({_HEIRS}) END AS heir "
        f"FROM {source} AS k CROSS JOIN client_ids AS i JOIN clients AS c ON c.id = i.client_id "
        "WHERE i.id = k.id",
        parameters | {"import_id": import_id},
    ).all()
    waiting = _waiting(session, import_id, [row.id for row in judged if not row.used])
    _keep_or_delete(
        session,
        "client_ids",
        [_Judged(row.id, row.used or row.id in waiting, row.heir or waiting.get(row.id)) for row in judged],
    )


def _waiting(session: Session, import_id: int, identities: Sequence[int]) -> Mapping[int, int | None]:
    """Identities to which an order that stays goes back once a later change of it is undone, with the import
    that gave it to them; None where it came live so."""
    if not identities:
        return {}
    old = "CAST(j.old ->> 'identity_id' AS bigint)"
    source, parameters = keys(session, "bigint", id=identities)
    found = execute(
        session,
        # Whoever brought the order last before the change said what the change has overwritten.
        "SELECT w.id, max(w.heir) AS heir FROM ("
        f"SELECT {old} AS id, o.import_id, (SELECT max(b.import_id) FROM "
        f"({brought('o.id')}) AS b WHERE b.import_id < j.import_id) AS heir "
        "FROM import_changes AS j JOIN orders AS o ON o.id = CAST(j.row_key AS bigint) "
        f"WHERE j.\"table\" = 'orders' AND j.import_id <> :import_id "
        f"AND {old} IN (SELECT k.id FROM {source} AS k)) AS w "
        "WHERE w.heir IS NOT NULL OR w.import_id IS NULL GROUP BY w.id",
        parameters | {"import_id": import_id},
    )
    return {row.id: row.heir for row in found}


def _clients(session: Session, import_id: int, rows: Sequence[Any]) -> None:  # noqa: ARG001
    """A client stays while any identity does, and belongs to the import of one of them."""
    source, parameters = keys(session, "bigint", id=[row.id for row in rows])
    judged = execute(
        session,
        "SELECT k.id, count(i.id) > 0 AS used, "
        "CASE WHEN count(i.id) = count(i.import_id) THEN min(i.import_id) END AS heir "
        f"FROM {source} AS k LEFT JOIN client_ids AS i ON i.client_id = k.id GROUP BY k.id",
        parameters,
    ).all()
    gone = [{"id": row.id} for row in judged if not row.used]
    for table, names in _OF_CLIENT.items():
        for name in names:
            _each(session, f"DELETE FROM {table} WHERE {name} = :id", gone)
    _keep_or_delete(session, "clients", judged)


def _keep_or_delete(session: Session, table: str, judged: Sequence[Any]) -> None:
    used = [{"id": row.id, "heir": row.heir} for row in judged if row.used]
    _each(session, f"UPDATE {table} SET import_id = :heir WHERE id = :id", used)
    _each(session, f"DELETE FROM {table} WHERE id = :id", [{"id": row.id} for row in judged if not row.used])


def _each(session: Session, sql: str, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        execute(session, sql, list(rows))


_USED_LIVE = "EXISTS (SELECT 1 FROM orders AS o WHERE o.identity_id = i.id AND o.import_id IS NULL)"
"""An order of no import came live."""
_HEIRS = """
(SELECT max(b.import_id) FROM (
 SELECT o.import_id FROM orders AS o WHERE o.identity_id = i.id
 UNION ALL SELECT r.import_id FROM orders AS o JOIN order_repeats AS r ON r.order_pk = o.id
 WHERE o.identity_id = i.id) AS b),
(SELECT min(a.import_id) FROM activity AS a WHERE a.identity_id = i.id),
(SELECT min(j.import_id) FROM import_changes AS j
 WHERE j."table" = 'clients' AND j.row_key = CAST(i.client_id AS text) AND j.import_id <> :import_id),
(SELECT min(j.import_id) FROM activity AS a JOIN import_changes AS j
 ON j."table" = 'activity' AND j.row_key = CAST(a.identity_id AS text) || ':' || CAST(a.day AS text)
 WHERE a.identity_id = i.id AND j.import_id <> :import_id),
nullif(c.import_id, :import_id)
"""
"""An import that uses an identity too: with an order, a day of its own, a client or a day that it shares.
Whoever brought an order last gave it to the client whose it is; earlier ones may have named another."""
_OF_CLIENT = {
    **dict.fromkeys(
        ("client_activity", "sales_predictions", "purchase_predictions", "client_outlooks"), ("client_id",)
    ),
    "client_merges": ("client_id",),
    "distinct_clients": ("first_id", "second_id"),
}
"""What says nothing without its client: columns that name the client, by table."""
_JOURNAL = 'SELECT id, import_id, "table", row_key, old, new FROM import_changes'

_STEPS: tuple[tuple[str, Step], ...] = (
    (f"{_JOURNAL} WHERE import_id = :import_id ORDER BY id DESC", put_back),
    ("SELECT id FROM orders WHERE import_id = :import_id ORDER BY id", _orders),
    ("SELECT order_pk FROM order_repeats WHERE import_id = :import_id ORDER BY order_pk", _repeats),
    ("SELECT identity_id, day FROM activity WHERE import_id = :import_id", _activity),
    ("SELECT metric FROM activity_coverage WHERE import_id = :import_id", _coverage),
    ("SELECT id FROM client_ids WHERE import_id = :import_id ORDER BY id", _identities),
    ("SELECT id FROM clients WHERE import_id = :import_id ORDER BY id", _clients),
)

"""Taking an import back, step by step in bounded chunks; each chunk leaves every foreign key whole.

What a step has handled no longer answers its question, so a repeat after a crash goes on where it stopped.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from salesml.core.imports import ImportState
from salesml.db.bulk import execute, keys
from salesml.db.journal import Key, current, plain, write
from salesml.db.search_keys import refresh_search_keys

Step = Callable[[Session, int, Sequence[Any]], None]


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


def _put_back(session: Session, import_id: int, rows: Sequence[Any]) -> None:
    """Set what still has the journaled new value to the old one, the latest change first."""
    for table in ("activity", "clients", "orders"):
        changes = [(_key(row.row_key), row.old, row.new) for row in rows if row.table == table]
        changed = _restored(session, import_id, table, changes)
        write(session, table, changed)
        if table == "clients":
            refresh_search_keys(session, [key[0] for key in changed])
    execute(session, "DELETE FROM import_changes WHERE id = :id", [{"id": row.id} for row in rows])


def _restored(
    session: Session, import_id: int, table: str, changes: Sequence[tuple[Key, Any, Any]]
) -> dict[Key, dict[str, Any]]:
    now = current(session, table, [key for key, _, _ in changes])
    owner = _owners(session, import_id)
    lost = _lost_identities(session, [plain(old).get("identity_id") for _, old, _ in changes])
    restored: dict[Key, dict[str, Any]] = {}
    for key, old, new in changes:
        row, before, after = now.get(key), plain(old), plain(new)
        if row is None:
            continue
        for name in before:
            value = owner(before[name]) if name == "import_id" else before[name]
            if row[name] == after[name] and not (name == "identity_id" and value in lost):
                row[name] = restored.setdefault(key, {})[name] = value
    return restored


def _owners(session: Session, import_id: int) -> Callable[[int | None], int | None]:
    """Whose a shared row becomes: the earlier import's again, or this one's, to go with it, if that is gone.

    While a later import of the same kind and source stands the row stays nobody's: that one may have
    brought it too.
    """
    parameters = {"import_id": import_id, "published": ImportState.PUBLISHED.value}
    later = execute(
        session,
        "SELECT 1 FROM imports AS i JOIN imports AS o ON o.kind = i.kind AND o.source = i.source "
        "WHERE i.id = :import_id AND o.id > i.id AND o.state = :published LIMIT 1",
        parameters,
    ).first()
    if later is not None:
        return lambda _: None
    standing = execute(session, "SELECT id FROM imports WHERE state = :published", parameters)
    published = set(standing.scalars())
    return lambda before: before if before in published else import_id


def _lost_identities(session: Session, wanted: Sequence[int | None]) -> set[int]:
    """Identities that went with another import meanwhile."""
    ids = sorted({key for key in wanted if key is not None})
    source, parameters = keys(session, "bigint", id=ids)
    found = execute(
        session, f"SELECT i.id FROM {source} AS k JOIN client_ids AS i ON i.id = k.id", parameters
    )
    return set(ids) - set(found.scalars())


def _orders(session: Session, import_id: int, rows: Sequence[Any]) -> None:
    """An order that another import brought too is handed over to the first of those."""
    execute(
        session,
        "DELETE FROM order_imports WHERE import_id = :import_id AND order_pk = :order_pk",
        [{"import_id": import_id, "order_pk": row.order_pk} for row in rows],
    )
    source, parameters = keys(session, "bigint", id=[row.order_pk for row in rows])
    heirs = execute(
        session,
        f"SELECT o.id, min(b.import_id) AS heir FROM {source} AS k CROSS JOIN orders AS o "
        "LEFT JOIN order_imports AS b ON b.order_pk = o.id "
        "WHERE o.id = k.id AND o.import_id = :import_id GROUP BY o.id",
        parameters | {"import_id": import_id},
    ).all()
    _each(
        session,
        "UPDATE orders SET import_id = :heir WHERE id = :id",
        [{"id": row.id, "heir": row.heir} for row in heirs if row.heir is not None],
    )
    _each(session, "DELETE FROM orders WHERE id = :id", [{"id": row.id} for row in heirs if row.heir is None])


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
    """Orders or activity of others keep an identity, and so does a client that others brought too."""
    source, parameters = keys(session, "bigint", id=[row.id for row in rows])
    judged = execute(
        session,
        "SELECT i.id, EXISTS (SELECT 1 FROM orders AS o WHERE o.identity_id = i.id) "
        "OR EXISTS (SELECT 1 FROM activity AS a WHERE a.identity_id = i.id) "
        "OR c.import_id IS NULL OR c.import_id <> :import_id AS used "
        f"FROM {source} AS k CROSS JOIN client_ids AS i JOIN clients AS c ON c.id = i.client_id "
        "WHERE i.id = k.id",
        parameters | {"import_id": import_id},
    ).all()
    _keep_or_delete(session, "client_ids", judged)


def _clients(session: Session, import_id: int, rows: Sequence[Any]) -> None:  # noqa: ARG001
    source, parameters = keys(session, "bigint", id=[row.id for row in rows])
    judged = execute(
        session,
        "SELECT k.id, EXISTS (SELECT 1 FROM client_ids AS i WHERE i.client_id = k.id) AS used "
        f"FROM {source} AS k",
        parameters,
    ).all()
    gone = [{"id": row.id} for row in judged if not row.used]
    for table in ("client_activity", "sales_predictions", "purchase_predictions"):
        _each(session, f"DELETE FROM {table} WHERE client_id = :id", gone)
    _keep_or_delete(session, "clients", judged)


def _keep_or_delete(session: Session, table: str, judged: Sequence[Any]) -> None:
    used = [{"id": row.id} for row in judged if row.used]
    _each(session, f"UPDATE {table} SET import_id = NULL WHERE id = :id", used)
    _each(session, f"DELETE FROM {table} WHERE id = :id", [{"id": row.id} for row in judged if not row.used])


def _each(session: Session, sql: str, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        execute(session, sql, list(rows))


def _key(text: str) -> Key:
    return tuple(int(part) for part in text.split(":"))


_JOURNAL = 'SELECT id, "table", row_key, old, new FROM import_changes'

_STEPS: tuple[tuple[str, Step], ...] = (
    (f"{_JOURNAL} WHERE import_id = :import_id ORDER BY id DESC", _put_back),
    ("SELECT order_pk FROM order_imports WHERE import_id = :import_id ORDER BY order_pk", _orders),
    ("SELECT identity_id, day FROM activity WHERE import_id = :import_id", _activity),
    ("SELECT metric FROM activity_coverage WHERE import_id = :import_id", _coverage),
    ("SELECT id FROM client_ids WHERE import_id = :import_id ORDER BY id", _identities),
    ("SELECT id FROM clients WHERE import_id = :import_id ORDER BY id", _clients),
)

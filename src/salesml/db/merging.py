"""Making two clients one, and two again. The one that goes is kept as it was, row for row, in its merge."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from salesml.core.errors import NotFound
from salesml.core.imports import ImportState
from salesml.core.merges import gained
from salesml.db.bulk import execute, insert, next_ids
from salesml.db.journal import plain
from salesml.db.search_keys import refresh_search_keys

Fields = dict[str, Any]
_SCORED = ("client_activity", "sales_predictions", "purchase_predictions", "client_outlooks")
_MERGE = ("id", "client_id", "merged_client_id", "fields", "identities", "merged_at", "merged_by")
_JOURNAL = "FROM import_changes WHERE \"table\" = 'clients' AND row_key = CAST(:id AS text)"


def merge(session: Session, client_id: int, other_id: int, *, actor: str, now: datetime) -> int:
    """Make the other client part of the first; answers the id of the merge."""
    kept, gone = _client(session, client_id), _client(session, other_id)
    given = gained(kept, gone)
    identities = _ids(session, "SELECT id FROM client_ids WHERE client_id = :id ORDER BY id", other_id)
    apart = _apart_from(session, other_id)
    fields = {
        "client": gone,
        "kept": {"id": client_id, "old": {name: kept[name] for name in given}, "new": given},
        "rows": {
            table: _all(session, f"SELECT * FROM {table} WHERE client_id = :id", other_id)
            for table in _SCORED
        },
        "changes": [_change(row) for row in _all(session, f"SELECT * {_JOURNAL} ORDER BY id", other_id)],
        "merges": _ids(session, "SELECT id FROM client_merges WHERE client_id = :id ORDER BY id", other_id),
        "apart_from": apart,
        "inherited": _keep_apart(session, client_id, apart),
    }
    _remove(session, other_id, client_id)
    _set(session, client_id, given)
    refresh_search_keys(session, [client_id])
    merge_id = next_ids(session, "client_merges", 1)[0]
    told = (merge_id, client_id, other_id, _dump(fields), _dump(identities), int(now.timestamp()), actor)
    insert(session, "client_merges", _MERGE, [told])
    return merge_id


def undo(session: Session, merge_id: int) -> int:
    """Make the merged client one of its own again; answers its id. Raises NotFound."""
    found = _all(session, "SELECT * FROM client_merges WHERE id = :id", merge_id)
    if not found:
        raise NotFound(f"merge {merge_id} does not exist")
    merged, fields = found[0], plain(found[0]["fields"])
    kept, client_id = merged["client_id"], _restore_client(session, fields["client"])
    _repoint(session, "client_ids", listed(merged["identities"]), kept, client_id)
    _repoint(session, "client_merges", fields["merges"], kept, client_id)
    _restore_owner(session, client_id, fields["client"]["import_id"])
    for table, rows in fields["rows"].items():
        for one in rows:
            if _all(session, "SELECT id FROM scoring_runs WHERE id = :id", one["run_id"]):
                row = one | {"client_id": client_id}
                insert(session, table, list(row), [[_stored(value) for value in row.values()]])
    _restore_changes(session, client_id, fields["changes"])
    _tell_apart_again(session, client_id, kept, fields)
    if fields["kept"]["id"] == kept:
        _give_back(session, kept, fields["kept"]["old"], fields["kept"]["new"])
    execute(session, "DELETE FROM client_merges WHERE id = :id", {"id": merge_id})
    _remove_without_ids(session, kept)
    refresh_search_keys(session, [kept, client_id])
    return client_id


def keep_apart(session: Session, client_ids: Sequence[int]) -> None:
    """Remember that every two of the clients are two people."""
    for place, one in enumerate(client_ids):
        _keep_apart(session, one, client_ids[place + 1 :])


def listed(value: Any) -> list[Any]:
    """JSON comes as text from SQLite and parsed from PostgreSQL."""
    return list(json.loads(value) if isinstance(value, str) else value)


def _remove(session: Session, client_id: int, heir: int) -> None:
    for table in ("client_ids", "client_merges"):
        execute(
            session,
            f"UPDATE {table} SET client_id = :heir WHERE client_id = :id",
            {"heir": heir, "id": client_id},
        )
    for statement in (
        *(f"DELETE FROM {table} WHERE client_id = :id" for table in _SCORED),
        f"DELETE {_JOURNAL}",
        "DELETE FROM distinct_clients WHERE first_id = :id OR second_id = :id",
        "DELETE FROM clients WHERE id = :id",
    ):
        execute(session, statement, {"id": client_id})


def _restore_client(session: Session, row: Fields) -> int:
    """The row again, under its own id unless somebody else got that meanwhile."""
    client_id = row["id"]
    if _all(session, "SELECT id FROM clients WHERE id = :id", client_id):
        client_id = next_ids(session, "clients", 1)[0]
    values = row | {"id": client_id, "import_id": None}
    insert(session, "clients", list(values), [list(values.values())])
    return int(client_id)


def _restore_owner(session: Session, client_id: int, import_id: int | None) -> None:
    """The import that it would go with: the same as before, or that of its ids if the first is undone."""
    if import_id is None:
        return
    if import_id not in _published(session):
        found = _all(
            session,
            "SELECT CASE WHEN count(*) = count(i.import_id) THEN min(i.import_id) END AS heir "
            "FROM client_ids AS i WHERE i.client_id = :id",
            client_id,
        )
        import_id = found[0]["heir"]
    _set(session, client_id, {"import_id": import_id})


def _restore_changes(session: Session, client_id: int, changes: Sequence[Fields]) -> None:
    """What imports changed can be undone again; what an undone one had changed is put back now."""
    published = _published(session)
    standing = [one for one in changes if one["import_id"] in published]
    rows = [
        (key, one["import_id"], "clients", str(client_id), _dump(one["old"]), _dump(one["new"]))
        for key, one in zip(next_ids(session, "import_changes", len(standing)), standing, strict=True)
    ]
    insert(session, "import_changes", ("id", "import_id", '"table"', "row_key", "old", "new"), rows)
    for one in reversed(changes):
        if one["import_id"] not in published:
            _give_back(session, client_id, one["old"], one["new"])


def _give_back(session: Session, client_id: int, old: Fields, new: Fields) -> None:
    """Set what still has the new value to the old one."""
    now = _client(session, client_id)
    _set(session, client_id, {name: old[name] for name in old if now[name] == new[name]})


def _tell_apart_again(session: Session, client_id: int, kept: int, fields: Fields) -> None:
    for other in fields["inherited"]:
        execute(
            session,
            "DELETE FROM distinct_clients WHERE first_id = :first AND second_id = :second",
            {"first": min(kept, other), "second": max(kept, other)},
        )
    known = [
        other
        for other in fields["apart_from"]
        if _all(session, "SELECT id FROM clients WHERE id = :id", other)
    ]
    _keep_apart(session, client_id, known)


def _remove_without_ids(session: Session, client_id: int) -> None:
    """The one that had stayed only for the ids of the other: an import has taken its own ones back."""
    if not _all(session, "SELECT id FROM client_ids WHERE client_id = :id LIMIT 1", client_id):
        for statement in (
            *(f"DELETE FROM {table} WHERE client_id = :id" for table in (*_SCORED, "client_merges")),
            "DELETE FROM distinct_clients WHERE first_id = :id OR second_id = :id",
            "DELETE FROM clients WHERE id = :id",
        ):
            execute(session, statement, {"id": client_id})


def _keep_apart(session: Session, client_id: int, others: Iterable[int]) -> list[int]:
    """Call each pair two people; answers those of whom nobody had said so."""
    known = set(_apart_from(session, client_id))
    new = [other for other in others if other not in known and other != client_id]
    pairs = [(min(client_id, other), max(client_id, other)) for other in new]
    insert(session, "distinct_clients", ("first_id", "second_id"), pairs)
    return new


def _apart_from(session: Session, client_id: int) -> list[int]:
    return _ids(
        session,
        "SELECT second_id FROM distinct_clients WHERE first_id = :id "
        "UNION SELECT first_id FROM distinct_clients WHERE second_id = :id",
        client_id,
    )


def _repoint(session: Session, table: str, ids: Iterable[int], before: int, client_id: int) -> None:
    rows = [{"id": each, "before": before, "after": client_id} for each in ids]
    if rows:
        sql = f"UPDATE {table} SET client_id = :after WHERE id = :id AND client_id = :before"
        execute(session, sql, rows)


def _set(session: Session, client_id: int, values: Fields) -> None:
    if values:
        assigned = ", ".join(f"{name} = :{name}" for name in values)
        execute(session, f"UPDATE clients SET {assigned} WHERE id = :id", {**values, "id": client_id})


def _published(session: Session) -> set[int]:
    state = {"published": ImportState.PUBLISHED.value}
    return set(execute(session, "SELECT id FROM imports WHERE state = :published", state).scalars())


def _client(session: Session, client_id: int) -> Fields:
    return _all(session, "SELECT * FROM clients WHERE id = :id", client_id)[0]


def _change(row: Fields) -> Fields:
    return {"import_id": row["import_id"], "old": plain(row["old"]), "new": plain(row["new"])}


def _all(session: Session, sql: str, value: int) -> list[Fields]:
    return [dict(row) for row in execute(session, sql, {"id": value}).mappings()]


def _ids(session: Session, sql: str, value: int) -> list[int]:
    return list(execute(session, sql, {"id": value}).scalars())


def _stored(value: object) -> object:
    """What PostgreSQL's driver has read from JSON, as JSON again."""
    return _dump(value) if isinstance(value, dict | list) else value


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)

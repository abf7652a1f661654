"""Putting journaled values back, as far as nothing that stays has said otherwise since."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from salesml.core.imports import ImportState
from salesml.db.bulk import execute, keys
from salesml.db.journal import KEYS, Key, current, plain, rewrite, write
from salesml.db.search_keys import refresh_search_keys
from salesml.db.visibility import brought


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A change in the journal; `old` and `new` hold the changed fields only."""

    id: int
    import_id: int
    row_key: str
    old: dict[str, Any]
    new: dict[str, Any]

    @property
    def key(self) -> Key:
        return tuple(int(part) for part in self.row_key.split(":"))


def put_back(session: Session, import_id: int, rows: Sequence[Any]) -> None:
    """Set what nothing has changed since to what it was, the latest change first, and forget the changes.

    Where a later import has changed a value too, that one gets the older value to put back; where a later
    import brought the same value again, the whole change becomes that one's.
    """
    forgotten = []
    for table in KEYS:
        entries = [_entry(row) for row in rows if row.table == table]
        own = _handed_on(session, import_id, table, entries)
        changed = _restored(session, import_id, table, own)
        write(session, table, changed)
        if table == "clients":
            refresh_search_keys(session, [key[0] for key in changed])
        forgotten += [{"id": one.id} for one in own]
    if forgotten:
        execute(
            session,
            "DELETE FROM import_changes WHERE id = :id AND import_id = :mine",
            [one | {"mine": import_id} for one in forgotten],
        )


def _entry(row: Any) -> Entry:
    return Entry(
        id=row.id, import_id=row.import_id, row_key=row.row_key, old=plain(row.old), new=plain(row.new)
    )


def _handed_on(session: Session, import_id: int, table: str, entries: Sequence[Entry]) -> Sequence[Entry]:
    """Hand on what later imports have a say in; answers the entries with what is left to restore.

    Who repeated a client or a day is not known: the next import of the same kind and source may have, so
    a row that is shared is handed on to that one.
    """
    if not entries:
        return entries
    is_orders = table == "orders"
    later = _later_changes(session, import_id, table, entries)
    confirmed = _confirmed(session, import_id, entries) if is_orders else {}
    successor = None if is_orders else _successor(session, import_id)
    heirs: dict[int, Entry] = {}
    own, moved = [], []
    for entry in entries:
        heir_id, kept, given = confirmed.get(entry.row_key, successor), dict(entry.old), {}
        for name in entry.old:
            heir = None if name == "import_id" else _following(later.get(entry.row_key, ()), entry.id, name)
            if heir is not None and not (is_orders and heir_id is not None and heir_id < heir.import_id):
                heir.old[name] = kept.pop(name)
                heirs[heir.id] = heir
            elif heir_id is not None and (is_orders or name == "import_id"):
                given[name] = kept.pop(name)
        own.append(replace(entry, old=kept))
        if heir_id is not None and given:
            new = {name: entry.new[name] for name in given}
            moved.append(replace(entry, import_id=heir_id, old=given, new=new))
    rewrite(session, [vars(one) for one in (*heirs.values(), *moved)])
    _reassign(session, moved)
    return own


def _following(changes: Sequence[Entry], after: int, name: str) -> Entry | None:
    return next((one for one in changes if one.id > after and name in one.old), None)


def _reassign(session: Session, entries: Sequence[Entry]) -> None:
    owners = [{"id": one.id, "import_id": one.import_id} for one in entries]
    if owners:
        execute(session, "UPDATE import_changes SET import_id = :import_id WHERE id = :id", owners)


def _later_changes(
    session: Session, import_id: int, table: str, entries: Sequence[Entry]
) -> Mapping[str, Sequence[Entry]]:
    """Changes that other imports made to the same rows, by row key, the earliest first."""
    wanted, parameters = keys(session, "text", row_key=sorted({entry.row_key for entry in entries}))
    found = execute(
        session,
        f"SELECT j.id, j.import_id, j.row_key, j.old, j.new FROM {wanted} AS k "
        "CROSS JOIN import_changes AS j "
        'WHERE j."table" = :name AND j.row_key = k.row_key AND j.import_id <> :import_id ORDER BY j.id',
        parameters | {"name": table, "import_id": import_id},
    )
    later: dict[str, list[Entry]] = {}
    for row in found:
        later.setdefault(row.row_key, []).append(_entry(row))
    return later


def _confirmed(session: Session, import_id: int, entries: Sequence[Entry]) -> Mapping[str, int]:
    """The first later import that brought an order again, by row key."""
    wanted, parameters = keys(session, "bigint", id=sorted({entry.key[0] for entry in entries}))
    found = execute(
        session,
        "SELECT c.id, c.later FROM (SELECT k.id, (SELECT min(b.import_id) FROM "
        f"({brought('k.id')}) AS b WHERE b.import_id > :import_id) AS later FROM {wanted} AS k) AS c "
        "WHERE c.later IS NOT NULL",
        parameters | {"import_id": import_id},
    )
    return {str(row_id): later for row_id, later in found}


def _restored(
    session: Session, import_id: int, table: str, entries: Sequence[Entry]
) -> dict[Key, dict[str, Any]]:
    now = current(session, table, [entry.key for entry in entries])
    owner = _owners(session, import_id)
    lost = _lost_identities(session, [entry.old.get("identity_id") for entry in entries])
    restored: dict[Key, dict[str, Any]] = {}
    for entry in entries:
        row = now.get(entry.key)
        if row is None:
            continue
        for name, before in entry.old.items():
            value = owner(before) if name == "import_id" else before
            if row[name] == entry.new[name] and not (name == "identity_id" and value in lost):
                row[name] = restored.setdefault(entry.key, {})[name] = value
    return restored


def _owners(session: Session, import_id: int) -> Callable[[int | None], int | None]:
    """Whose a shared row becomes: the earlier import's again; if that is gone this one's, to go with it."""
    standing = execute(
        session,
        "SELECT id FROM imports WHERE state = :published",
        {"published": ImportState.PUBLISHED.value},
    )
    published = set(standing.scalars())
    return lambda before: before if before in published else import_id


def _successor(session: Session, import_id: int) -> int | None:
    """The next import of the same kind and source that stands."""
    found = execute(
        session,
        "SELECT min(o.id) FROM imports AS i JOIN imports AS o ON o.kind = i.kind AND o.source = i.source "
        "WHERE i.id = :import_id AND o.id > i.id AND o.state = :published",
        {"import_id": import_id, "published": ImportState.PUBLISHED.value},
    ).scalar_one()
    return None if found is None else int(found)


def _lost_identities(session: Session, wanted: Sequence[int | None]) -> set[int]:
    """Identities that went with another import meanwhile."""
    ids = sorted({key for key in wanted if key is not None})
    source, parameters = keys(session, "bigint", id=ids)
    found = execute(
        session, f"SELECT i.id FROM {source} AS k JOIN client_ids AS i ON i.id = k.id", parameters
    )
    return set(ids) - set(found.scalars())

"""Changing rows under an import, so that the import can be taken back: old values are kept beside new."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from salesml.core.clients import CONSENTS
from salesml.db.bulk import execute, insert, is_postgresql, keys

Key = tuple[int, ...]
Values = Mapping[str, Any]
KEYS = {"activity": ("identity_id", "day"), "clients": ("id",), "orders": ("id",)}
FIELDS = {
    "activity": ("visits", "seconds_on_site", "ad_clicks", "newsletter_opens", "import_id"),
    "clients": (
        *("first_name", "last_name", "email", "registered_at", "registered_day"),
        *(name for consent in CONSENTS for name in (consent, f"{consent}_at")),
        "import_id",
    ),
    "orders": (
        *("identity_id", "ordered_at", "ordered_day", "amount", "kind", "cancels"),
        *("original_amount", "original_currency"),
    ),
}
"""The fields that an import may change; nothing else is ever journaled."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """What one row gets: `old` and `new` hold the changed fields only."""

    key: Key
    old: Values
    new: Values


def current(session: Session, table: str, wanted: Sequence[Key]) -> dict[Key, dict[str, Any]]:
    """The journaled fields of those rows that exist, by key."""
    if not wanted:
        return {}
    names = KEYS[table]
    source, parameters = keys(session, "bigint", **dict(zip(names, zip(*wanted, strict=True), strict=True)))
    match = " AND ".join(f"t.{name} = k.{name}" for name in names)
    chosen = ", ".join(f"t.{name}" for name in (*names, *FIELDS[table]))
    rows = execute(
        session, f"SELECT {chosen} FROM {source} AS k CROSS JOIN {table} AS t WHERE {match}", parameters
    )
    width = len(names)
    return {tuple(row[:width]): dict(zip(FIELDS[table], row[width:], strict=True)) for row in rows}


def differing(now: dict[Key, dict[str, Any]], wanted: Iterable[tuple[Key, Values]]) -> Iterator[Change]:
    """What must change for existing rows to have the wanted values; `now` follows, as a key may recur."""
    for key, values in wanted:
        row = now[key]
        new = {name: value for name, value in values.items() if row[name] != value}
        if new:
            yield Change(key=key, old={name: row[name] for name in new}, new=new)
            row.update(new)


def shared(row: Values, import_id: int | None) -> dict[str, None]:
    """A row that two imports brought belongs to neither from now on, so that neither takes it away."""
    return {} if row["import_id"] in (None, import_id) else {"import_id": None}


def apply(session: Session, table: str, changes: Sequence[Change], import_id: int | None) -> None:
    """Write the new values and keep the old ones in the journal of the import, if there is one."""
    written: dict[Key, dict[str, Any]] = {}
    for change in changes:
        written.setdefault(change.key, {}).update(change.new)
    write(session, table, written)
    if import_id is None:
        return
    insert(
        session,
        "import_changes",
        ("import_id", '"table"', "row_key", "old", "new"),
        [
            (import_id, table, ":".join(map(str, change.key)), _dump(change.old), _dump(change.new))
            for change in changes
        ],
    )


def write(session: Session, table: str, values: Mapping[Key, Values]) -> None:
    """Set fields of rows by key; rows that set the same fields go in one statement."""
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    names = KEYS[table]
    for key, fields in values.items():
        row = {f"key_{name}": part for name, part in zip(names, key, strict=True)} | dict(fields)
        alike.setdefault(tuple(fields), []).append(row)
    where = " AND ".join(f"{name} = :key_{name}" for name in names)
    for fields_set, rows in alike.items():
        assignments = ", ".join(f"{name} = :{name}" for name in fields_set)
        execute(session, f"UPDATE {table} SET {assignments} WHERE {where}", rows)


def settle(session: Session, table: str, brought: Mapping[Key, Collection[str]]) -> None:
    """Fields that came live belong to no import any more: taking one back leaves them as they are."""
    texts = {":".join(map(str, key)): fields for key, fields in brought.items()}
    source, parameters = keys(session, "text", row_key=list(texts))
    entries = execute(
        session,
        f"SELECT j.id, j.row_key, j.old, j.new FROM {source} AS k CROSS JOIN import_changes AS j "
        'WHERE j."table" = :name AND j.row_key = k.row_key',
        parameters | {"name": table},
    ).all()
    kept = []
    for entry in entries:
        fields = texts[entry.row_key]
        old, new = (
            {name: value for name, value in plain(values).items() if name not in fields}
            for values in (entry.old, entry.new)
        )
        if old:
            kept.append({"id": entry.id, "old": old, "new": new})
    lost = {entry.id for entry in entries} - {entry["id"] for entry in kept}
    if lost:
        execute(session, "DELETE FROM import_changes WHERE id = :id", [{"id": key} for key in sorted(lost)])
    rewrite(session, kept)


def rewrite(session: Session, entries: Sequence[Values]) -> None:
    """Set `old` and `new` of journal entries by `id`."""
    if entries:
        json_type = "jsonb" if is_postgresql(session) else "text"
        assigned = ", ".join(f"{name} = CAST(:{name} AS {json_type})" for name in ("old", "new"))
        rows = [{"id": one["id"], "old": _dump(one["old"]), "new": _dump(one["new"])} for one in entries]
        execute(session, f"UPDATE import_changes SET {assigned} WHERE id = :id", rows)


def plain(value: Any) -> dict[str, Any]:
    """JSON comes as text from SQLite and parsed from PostgreSQL."""
    return dict(json.loads(value) if isinstance(value, str) else value)


def _dump(values: Values) -> str:
    return json.dumps(dict(values), ensure_ascii=False)

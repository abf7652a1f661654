"""Finding and removing what tables other than a client's own tell of the client."""

import json
import string
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy.orm import Session

from salesml.core.clients import ExternalId
from salesml.core.traces import Traces, lines_of
from salesml.db.bulk import execute, is_postgresql
from salesml.db.journal import plain

_ROWS = 10_000
_REJECT = ("row", "field", "code")
_ASCII_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_DOCUMENTS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    "jobs": (("id",), ("args", "checkpoint", "progress", "result"), ("error",)),
    "imports": (("id",), ("reading",), ("file_name", "error")),
    "import_reports": (("import_id",), ("report",), ()),
    "idempotency_keys": (("user_id", "key"), ("answer",), ()),
    "summaries": (("name",), ("value",), ()),
    "schedules": (("name",), ("args",), ()),
    "audit_events": (("id",), ("detail",), ()),
}
"""Tables that hold what others wrote: keys, columns of JSON, columns of text."""


def traces_of(session: Session, client_id: int) -> Traces:
    """By what a client is known again: all that was ever stored of ids, addresses and names.

    Ask before anything of the client is deleted.
    """
    profiles = [dict(row) for row in _profiles(session, client_id)]
    found = execute(
        session,
        "SELECT i.source, i.external_id FROM client_ids AS i WHERE i.client_id = :id",
        {"id": client_id},
    )
    names = {
        tuple(part for part in (one.get("first_name"), one.get("last_name")) if part) for one in profiles
    }
    return Traces(
        ids=frozenset(ExternalId(source=row.source, external_id=row.external_id) for row in found),
        emails=frozenset(one["email"].casefold() for one in profiles if one.get("email")),
        names=frozenset(name for name in names if name),
    )


def _profiles(session: Session, client_id: int) -> Iterator[Mapping[str, Any]]:
    """Every name and address that the client has, or had before an import or a merge."""
    given = {"id": client_id}
    sql = "SELECT c.first_name, c.last_name, c.email FROM clients AS c WHERE c.id = :id"
    now = dict(execute(session, sql, given).mappings().one())
    yield now
    merges = execute(session, "SELECT m.fields FROM client_merges AS m WHERE m.client_id = :id", given)
    for fields in merges.scalars():
        merged = plain(fields)
        yield merged["client"]
        yield from (merged["client"] | told for one in merged["changes"] for told in (one["old"], one["new"]))
    changes = execute(
        session,
        "SELECT j.old, j.new FROM import_changes AS j WHERE j.\"table\" = 'clients' "
        "AND j.row_key = CAST(:id AS text)",
        given,
    )
    for row in changes:
        yield from (now | plain(row.old), now | plain(row.new))


def rejects_of(session: Session, traces: Traces) -> Iterator[Mapping[str, Any]]:
    """Refused rows that tell of the person."""
    condition, values = _mentions(traces.words, ("r.raw", "r.record", "r.reason"))
    if not values:
        return
    found = execute(
        session,
        "SELECT r.import_id, r.row, r.field, r.code, r.reason, r.raw, r.record, i.source, i.reading "
        f"FROM import_rejects AS r JOIN imports AS i ON i.id = r.import_id WHERE {condition}",
        values,
    )
    for rows in found.partitions(_ROWS):
        for row in rows:
            lines = [[*cells, row.reason] for cells in lines_of(row.record, row.raw) or [[]]]
            place = None if row.record is None else id_place(plain(row.reading))
            if any(traces.in_row(row.source, cells, place) for cells in lines):
                told = dict(row._mapping)
                yield {name: told[name] for name in ("import_id", *_REJECT, "reason", "raw", "record")}


def remove_rejects(session: Session, traces: Traces) -> int:
    """Delete them; answers how many."""
    gone = [{name: row[name] for name in ("import_id", *_REJECT)} for row in rejects_of(session, traces)]
    if gone:
        execute(
            session,
            "DELETE FROM import_rejects WHERE import_id = :import_id AND row = :row AND field = :field "
            "AND code = :code",
            gone,
        )
    return len(gone)


def id_place(reading: Mapping[str, Any]) -> int | None:
    """In which column of its file an import found the client's id."""
    column, columns = (reading.get("mapping") or {}).get("client_id"), list(reading.get("columns") or ())
    return columns.index(column) if column in columns else None


def redact_documents(session: Session, traces: Traces) -> int:
    """Take the person out of what jobs, reports, answers and the like hold; answers how many rows changed."""
    return sum(_redact(session, table, traces) for table in _DOCUMENTS)


def _redact(session: Session, table: str, traces: Traces) -> int:
    keys, documents, texts = _DOCUMENTS[table]
    shown = [*(f"CAST(t.{name} AS text) AS {name}" for name in documents), *(f"t.{name}" for name in texts)]
    told = [*(f"CAST(t.{name} AS text)" for name in documents), *(f"t.{name}" for name in texts)]
    escaped = {json.dumps(word, ensure_ascii=False)[1:-1] for word in traces.words}
    condition, values = _mentions(escaped | traces.words, told)
    if not values:
        return 0
    rows = execute(
        session,
        f"SELECT {', '.join([*(f't.{name}' for name in keys), *shown])} FROM {table} AS t WHERE {condition}",
        values,
    ).mappings()
    changed = [row for row in (_redacted(dict(row), documents, texts, traces) for row in rows) if row]
    json_type = "jsonb" if is_postgresql(session) else "text"
    assigned = [f"{name} = CAST(:{name} AS {json_type})" for name in documents]
    assigned += [f"{name} = :{name}" for name in texts]
    where = " AND ".join(f"{name} = :{name}" for name in keys)
    if changed:
        execute(session, f"UPDATE {table} SET {', '.join(assigned)} WHERE {where}", changed)
    return len(changed)


def _redacted(
    row: dict[str, Any], documents: Iterable[str], texts: Iterable[str], traces: Traces
) -> dict[str, Any] | None:
    """The row without the person; None if it tells nothing of the person."""
    new = dict(row)
    for name in documents:
        if row[name] is not None:
            value = json.loads(row[name])
            cleared = traces.redacted(value)
            new[name] = row[name] if cleared == value else json.dumps(cleared, ensure_ascii=False)
    for name in texts:
        new[name] = traces.redacted(row[name])
    return None if new == row else new


def _mentions(words: Iterable[str], columns: Iterable[str]) -> tuple[str, dict[str, str]]:
    """SQL condition that one of the columns has one of the words, and its values; it may hold too often."""
    values = {f"word_{place}": word for place, word in enumerate(sorted(_spellings(words)))}
    return " OR ".join(_find(name, column) for name in values for column in columns), values


def _find(name: str, column: str) -> str:
    return f"replace(lower({column}), :{name}, '') <> lower({column})"


def _spellings(words: Iterable[str]) -> set[str]:
    """As `lower` leaves them: SQLite and some PostgreSQL locales lower ASCII letters only."""
    spelt = {form for word in words for form in (word, word.lower(), word.upper(), word.title())}
    return {form.translate(_ASCII_LOWER) for form in spelt} | {form.lower() for form in spelt}

"""The stored key by which clients are sorted and found."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from salesml.core.clients import search_key
from salesml.db.bulk import execute, keys


def key_of(first_name: str | None, last_name: str | None, email: str | None, external_id: str | None) -> str:
    """From name and e-mail; a client that has neither sorts by the first id it is known by."""
    return search_key(first_name, last_name, email) or search_key(external_id)


def refresh_search_keys(session: Session, client_ids: Sequence[int]) -> None:
    """Make the keys follow names and e-mail that were written."""
    source, parameters = keys(session, "bigint", id=list(dict.fromkeys(client_ids)))
    named = execute(
        session,
        "SELECT c.id, c.first_name, c.last_name, c.email "
        f"FROM {source} AS k CROSS JOIN clients AS c WHERE c.id = k.id",
        parameters,
    ).all()
    known = execute(
        session,
        "SELECT i.client_id, i.external_id "
        f"FROM {source} AS k CROSS JOIN client_ids AS i WHERE i.client_id = k.id ORDER BY i.id DESC",
        parameters,
    )
    first_ids = {row.client_id: row.external_id for row in known}
    if named:
        found = [
            {
                "id": row.id,
                "search_key": key_of(row.first_name, row.last_name, row.email, first_ids.get(row.id)),
            }
            for row in named
        ]
        execute(session, "UPDATE clients SET search_key = :search_key WHERE id = :id", found)

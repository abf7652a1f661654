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
    source, parameters = keys(session, id=list(dict.fromkeys(client_ids)))
    rows = execute(
        session,
        "SELECT c.id, c.first_name, c.last_name, c.email, "
        "(SELECT i.external_id FROM client_ids AS i WHERE i.client_id = c.id ORDER BY i.id LIMIT 1) "
        f"FROM {source} AS k CROSS JOIN clients AS c WHERE c.id = k.id",
        parameters,
    ).all()
    if rows:
        found = [{"id": row[0], "search_key": key_of(*row[1:])} for row in rows]
        execute(session, "UPDATE clients SET search_key = :search_key WHERE id = :id", found)

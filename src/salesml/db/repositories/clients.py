"""Clients, and the ids by which sources know them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from salesml.core.clients import CONSENTS, Client, ClientLine, ClientQuery, ExternalId, address_of
from salesml.core.errors import NotFound
from salesml.core.pages import Page
from salesml.db.bulk import columns_of, execute, insert, is_postgresql, keys, next_ids, pull
from salesml.db.client_data import client_data
from salesml.db.client_lines import client_of, external_ids, line, page
from salesml.db.client_pages import CLIENT
from salesml.db.journal import apply, current, differing, settle, shared, write
from salesml.db.removal import digester, erase, remove
from salesml.db.search_keys import key_of, refresh_search_keys
from salesml.db.tables.clients import ErasedRow
from salesml.db.visibility import visible

_NAMED = ("first_name", "last_name", "email")
_PER_QUESTION = 5_000
"""Digests to a question: both databases limit the placeholders of one."""
_TURN = 0x5A1E_0C11
"""Key of the lock that writers of clients, orders and activity hold; any constant number serves."""
_CONSENTS = tuple(name for consent in CONSENTS for name in (consent, f"{consent}_at"))
_BROUGHT = (*_NAMED, "registered_at", "registered_day", *_CONSENTS)


class SqlClientRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, client_id: int) -> Client:
        row = execute(
            self._session,
            f"SELECT {CLIENT} FROM clients AS c WHERE c.id = :id AND {visible(self._session, 'c')}",
            {"id": client_id},
        ).one_or_none()
        if row is None:
            raise NotFound(f"client {client_id} does not exist")
        return client_of(row, external_ids(self._session, [client_id])[client_id])

    def find(self, external_id: ExternalId) -> Client | None:
        found = execute(
            self._session,
            "SELECT c.id FROM client_ids AS i JOIN clients AS c ON c.id = i.client_id "
            "WHERE i.source = :source AND i.external_id = :external_id "
            f"AND {visible(self._session, 'i', 'c')}",
            vars(external_id),
        ).scalar_one_or_none()
        return None if found is None else self.get(found)

    def page(self, query: ClientQuery, *, threshold: float, today: int) -> Page[ClientLine]:
        return page(self._session, query, threshold=threshold, today=today)

    def line(self, client_id: int, *, threshold: float, today: int) -> ClientLine:
        found = line(self._session, client_id, threshold=threshold, today=today)
        if found is None:
            raise NotFound(f"client {client_id} does not exist")
        return found

    def count(self) -> int:
        sql = f"SELECT count(*) FROM clients AS c WHERE {visible(self._session, 'c')}"
        return int(execute(self._session, sql).scalar_one())

    def identities(self, source: str, external_ids: Sequence[str]) -> Mapping[str, int]:
        wanted, parameters = keys(self._session, "text", external_id=external_ids)
        rows = execute(
            self._session,
            f"SELECT i.external_id, i.id FROM {wanted} AS k CROSS JOIN client_ids AS i "
            "WHERE i.source = :source AND i.external_id = k.external_id",
            parameters | {"source": source},
        )
        # Of every chunk nearly all: as the driver gives them, at half the price.
        return dict(rows.cursor.fetchall())

    def create(self, source: str, external_ids: Sequence[str], import_id: int | None) -> Mapping[str, int]:
        unique = list(dict.fromkeys(external_ids))
        clients = next_ids(self._session, "clients", len(unique))
        identities = next_ids(self._session, "client_ids", len(unique))
        now = int(datetime.now(UTC).timestamp())
        insert(
            self._session,
            "clients",
            ("id", "search_key", "email", "import_id", "created_at"),
            [
                (client, key_of(None, None, None, external_id), address_of(external_id), import_id, now)
                for client, external_id in zip(clients, unique, strict=True)
            ],
        )
        insert(
            self._session,
            "client_ids",
            ("id", "source", "external_id", "client_id", "import_id"),
            [
                (identity, source, external_id, client, import_id)
                for identity, external_id, client in zip(identities, unique, clients, strict=True)
            ],
        )
        return dict(zip(unique, identities, strict=True))

    def overwrite(self, rows: pa.Table, import_id: int) -> int:
        clients = self._clients_of(rows.column("identity_id").to_pylist())
        now = current(self._session, "clients", [(key,) for key in set(clients.values())])
        wanted = []
        for identity, *values in columns_of(rows, "identity_id", *_BROUGHT):
            key = (clients[identity],)
            brought = {name: value for name, value in zip(_BROUGHT, values, strict=True) if value is not None}
            wanted.append((key, _undated(now[key], brought) | brought | shared(now[key], import_id)))
        changes = list(differing(now, wanted))
        apply(self._session, "clients", changes, import_id)
        renamed = [change.key[0] for change in changes if not change.new.keys().isdisjoint(_NAMED)]
        refresh_search_keys(self._session, renamed)
        return len({change.key for change in changes if not change.new.keys().isdisjoint(_BROUGHT)})

    def take_turns(self) -> None:
        # On SQLite to have begun is to be alone.
        turn = f"pg_advisory_xact_lock({_TURN})" if is_postgresql(self._session) else "1"
        execute(self._session, f"SELECT {turn}")

    def adopt(self, identity_ids: Sequence[int]) -> None:
        wanted, parameters = keys(self._session, "bigint", id=identity_ids)
        for table, chosen in (
            (
                "clients",
                f"SELECT i.client_id FROM {wanted} AS k CROSS JOIN client_ids AS i WHERE i.id = k.id",
            ),
            ("client_ids", f"SELECT k.id FROM {wanted} AS k"),
        ):
            sql = f"UPDATE {table} SET import_id = NULL WHERE id IN ({chosen}) AND import_id IS NOT NULL"
            execute(self._session, sql, parameters)

    def amend(self, client_id: int, fields: Mapping[str, str | int | None]) -> None:
        write(self._session, "clients", {(client_id,): {**fields, "import_id": None}})
        settle(self._session, "clients", {(client_id,): {*fields, "import_id"}})
        refresh_search_keys(self._session, [client_id])

    def remove(self, client_id: int) -> Mapping[str, int]:
        return remove(self._session, client_id)

    def erase(self, client_id: int, now: datetime) -> Mapping[str, int]:
        return erase(self._session, client_id, now)

    def everything(self, client_id: int) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        return client_data(self._session, client_id)

    def is_erased(self, source: str, external_ids: Sequence[str]) -> frozenset[str]:
        if execute(self._session, "SELECT 1 FROM erased LIMIT 1").first() is None:
            return frozenset()
        digest = digester(self._session)
        by_digest = {digest(source, external_id): external_id for external_id in external_ids}
        digests = list(by_digest)
        erased: set[bytes] = set()
        for start in range(0, len(digests), _PER_QUESTION):
            wanted = col(ErasedRow.digest).in_(digests[start : start + _PER_QUESTION])
            erased.update(self._session.scalars(select(col(ErasedRow.digest)).where(wanted)))
        return frozenset(by_digest[key] for key in erased)

    def roster(self, client_id: int | None = None) -> pa.Table:
        only = "" if client_id is None else f"AND c.id = {client_id:d}"
        return pull(
            self._session,
            "SELECT CAST(c.id AS bigint), CAST(c.registered_day AS integer) FROM clients AS c "
            f"WHERE {visible(self._session, 'c')} {only} ORDER BY c.id",
            {"client_id": pa.int64(), "registered_day": pa.int32()},
            few=client_id is not None,
        )

    def first_ids(self) -> pa.Table:
        return pull(
            self._session,
            "SELECT CAST(c.id AS bigint), CAST(i.source AS text), CAST(i.external_id AS text) "
            f"FROM clients AS c JOIN {first_pairs(self._session)} AS i ON i.client_id = c.id "
            f"WHERE {visible(self._session, 'c')} ORDER BY c.id",
            {"client_id": pa.int64(), "source": pa.string(), "external_id": pa.string()},
        )

    def _clients_of(self, identities: Sequence[int]) -> dict[int, int]:
        wanted, parameters = keys(self._session, "bigint", id=identities)
        rows = execute(
            self._session,
            f"SELECT i.id, i.client_id FROM {wanted} AS k CROSS JOIN client_ids AS i WHERE i.id = k.id",
            parameters,
        )
        return dict(rows.cursor.fetchall())


def _undated(now: Mapping[str, object], brought: Mapping[str, object]) -> dict[str, None]:
    """A consent that changes without saying when has no date any more."""
    changed = (name for name in CONSENTS if name in brought and brought[name] != now[name])
    return dict.fromkeys(f"{name}_at" for name in changed)


def first_pairs(session: Session) -> str:
    """A table expression: the first pair of every client."""
    published = visible(session, "i")
    return (
        "(SELECT i.client_id, i.source, i.external_id FROM client_ids AS i JOIN "
        f"(SELECT min(i.id) AS id FROM client_ids AS i WHERE {published} GROUP BY i.client_id) AS f "
        "ON f.id = i.id)"
    )

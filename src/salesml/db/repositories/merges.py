"""Clients who may be one person, and those who were made one."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from salesml.core.clients import ExternalId
from salesml.core.errors import NotFound
from salesml.core.merges import MOST_SHOWN, Candidate, DuplicateGroup, Merge
from salesml.db import merging
from salesml.db.bulk import execute, keys
from salesml.db.client_lines import client_of, external_ids
from salesml.db.client_pages import CLIENT
from salesml.db.journal import plain
from salesml.db.visibility import visible

_MERGE = "m.id, m.client_id, m.merged_client_id, m.fields, m.identities, m.merged_at, m.merged_by"


class SqlMergeRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def duplicates(self, limit: int, after: str | None = None) -> Sequence[DuplicateGroup]:
        rows = execute(
            self._session,
            "SELECT c.email, count(*) AS total FROM clients AS c WHERE c.email IS NOT NULL "
            f"{'' if after is None else 'AND c.email > :after'} AND {visible(self._session, 'c')} "
            "GROUP BY c.email HAVING count(*) > 1 AND count(*) * (count(*) - 1) / 2 > "
            "(SELECT count(*) FROM distinct_clients AS d JOIN clients AS a ON a.id = d.first_id "
            "JOIN clients AS b ON b.id = d.second_id WHERE a.email = c.email AND b.email = c.email) "
            "ORDER BY c.email LIMIT :limit",
            {"limit": limit} | ({} if after is None else {"after": after}),
        )
        return [self._group(row.email, row.total) for row in rows.all()]

    def merge(self, client_id: int, other_id: int, *, actor: str, now: datetime) -> Merge:
        return self.get(merging.merge(self._session, client_id, other_id, actor=actor, now=now))

    def of_client(self, client_id: int) -> Sequence[Merge]:
        sql = f"SELECT {_MERGE} FROM client_merges AS m WHERE m.client_id = :id ORDER BY m.id DESC"
        return [self._merge(row) for row in execute(self._session, sql, {"id": client_id}).all()]

    def get(self, merge_id: int) -> Merge:
        sql = f"SELECT {_MERGE} FROM client_merges AS m WHERE m.id = :id"
        row = execute(self._session, sql, {"id": merge_id}).one_or_none()
        if row is None:
            raise NotFound(f"merge {merge_id} does not exist")
        return self._merge(row)

    def undo(self, merge_id: int) -> int:
        return merging.undo(self._session, merge_id)

    def keep_apart(self, client_ids: Sequence[int]) -> None:
        merging.keep_apart(self._session, client_ids)

    def _group(self, email: str, total: int) -> DuplicateGroup:
        orders = (
            "FROM client_ids AS i JOIN orders AS o ON o.identity_id = i.id "
            f"WHERE i.client_id = c.id AND {visible(self._session, 'o')}"
        )
        rows = execute(
            self._session,
            f"SELECT {CLIENT}, (SELECT count(*) {orders}) AS orders, "
            f"(SELECT CAST(coalesce(sum(o.amount), 0) AS bigint) {orders}) AS net, "
            f"(SELECT max(o.ordered_day) {orders}) AS last_day "
            f"FROM clients AS c WHERE c.email = :email AND {visible(self._session, 'c')} "
            "ORDER BY c.id LIMIT :most",
            {"email": email, "most": MOST_SHOWN},
        ).all()
        pairs = external_ids(self._session, [row.id for row in rows])
        return DuplicateGroup(
            email=email,
            candidates=tuple(
                Candidate(
                    client=client_of(row, pairs[row.id]),
                    orders=row.orders,
                    net=row.net,
                    last_order_day=row.last_day,
                )
                for row in rows
            ),
            total=total,
            distinct=self._distinct([row.id for row in rows]),
        )

    def _distinct(self, client_ids: Sequence[int]) -> frozenset[tuple[int, int]]:
        wanted, parameters = keys(self._session, "bigint", id=client_ids)
        found = execute(
            self._session,
            f"SELECT d.first_id, d.second_id FROM {wanted} AS k "
            "JOIN distinct_clients AS d ON d.first_id = k.id",
            parameters,
        )
        return frozenset((first, second) for first, second in found if second in client_ids)

    def _merge(self, row: Any) -> Merge:
        told = plain(row.fields)["client"]
        wanted, parameters = keys(self._session, "bigint", id=merging.listed(row.identities))
        pairs = execute(
            self._session,
            f"SELECT i.source, i.external_id FROM {wanted} AS k CROSS JOIN client_ids AS i "
            "WHERE i.id = k.id AND i.client_id = :client ORDER BY i.id",
            parameters | {"client": row.client_id},
        )
        return Merge(
            id=row.id,
            client_id=row.client_id,
            merged_client_id=row.merged_client_id,
            first_name=told["first_name"],
            last_name=told["last_name"],
            email=told["email"],
            external_ids=tuple(ExternalId(source=source, external_id=each) for source, each in pairs),
            merged_at=datetime.fromtimestamp(row.merged_at, UTC),
            merged_by=row.merged_by,
        )

"""The order ledger."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
from sqlalchemy.orm import Session

from salesml.core.orders import Order, OrderKind
from salesml.db.bulk import columns_of, execute, insert_table, keys, next_ids, pull, repeated
from salesml.db.journal import FIELDS, apply, current, differing, settle
from salesml.db.visibility import visible

_COLUMNS = ("order_id", *FIELDS["orders"])
_LEDGER = {
    "id": pa.int64(),
    "client_id": pa.int64(),
    "at": pa.int64(),
    "day": pa.int32(),
    "amount": pa.int64(),
    "kind": pa.string(),
    "cancels": pa.int64(),
}


class SqlOrderRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def existing(self, source: str, order_ids: Sequence[str]) -> Mapping[str, tuple[int, Order]]:
        wanted, parameters = keys(self._session, "text", order_id=order_ids)
        rows = execute(
            self._session,
            "SELECT o.id, o.order_id, i.external_id, o.ordered_at, o.amount, o.kind, o.cancels, "
            "o.original_amount, o.original_currency "
            f"FROM {wanted} AS k CROSS JOIN orders AS o LEFT JOIN client_ids AS i ON i.id = o.identity_id "
            "WHERE o.source = :source AND o.order_id = k.order_id",
            parameters | {"source": source},
        )
        return {row.order_id: (row.id, _order(row, source)) for row in rows.all()}

    def add(self, rows: pa.Table, source: str, import_id: int | None) -> None:
        ids = next_ids(self._session, "orders", rows.num_rows)
        common = {"source": source, "import_id": import_id}
        named = rows.select(_COLUMNS).append_column("id", pa.array(ids, pa.int64()))
        for name, value in common.items():
            named = named.append_column(name, repeated(value, rows.num_rows))
        insert_table(self._session, "orders", named)

    def overwrite(self, rows: pa.Table, import_id: int | None) -> None:
        names = FIELDS["orders"]
        wanted = [
            ((row_id,), dict(zip(names, values, strict=True)))
            for row_id, *values in columns_of(rows, "row_id", *names)
        ]
        # What stays as it is is not written: the indexes on it are left alone.
        now = current(self._session, "orders", [key for key, _ in wanted])
        apply(self._session, "orders", list(differing(now, wanted)), import_id)
        self.brought(rows.column("row_id").to_pylist(), import_id)

    def brought(self, row_ids: Sequence[int], import_id: int | None) -> None:
        wanted, parameters = keys(self._session, "bigint", id=row_ids)
        if import_id is None:
            chosen = f"id IN (SELECT k.id FROM {wanted} AS k) AND import_id IS NOT NULL"
            owned = f"SELECT import_id, id FROM orders WHERE {chosen} ON CONFLICT DO NOTHING"
            execute(self._session, f"INSERT INTO order_repeats (import_id, order_pk) {owned}", parameters)
            execute(self._session, f"UPDATE orders SET import_id = NULL WHERE {chosen}", parameters)
            settle(self._session, "orders", {(row_id,): FIELDS["orders"] for row_id in row_ids})
            return
        execute(
            self._session,
            "INSERT INTO order_repeats (import_id, order_pk) SELECT CAST(:import_id AS bigint), o.id "
            f"FROM {wanted} AS k CROSS JOIN orders AS o WHERE o.id = k.id "
            "AND (o.import_id IS NULL OR o.import_id <> :import_id) ON CONFLICT DO NOTHING",
            parameters | {"import_id": import_id},
        )

    def of_client(
        self, client_id: int, limit: int, before: tuple[int, int] | None = None
    ) -> Sequence[tuple[int, Order]]:
        earlier = "" if before is None else "AND (o.ordered_at, o.id) < (:at, :row_id)"
        values = {} if before is None else {"at": before[0], "row_id": before[1]}
        rows = execute(
            self._session,
            "SELECT o.id, o.source, o.order_id, i.external_id, o.ordered_at, o.amount, o.kind, o.cancels, "
            "o.original_amount, o.original_currency "
            "FROM client_ids AS i CROSS JOIN orders AS o "
            f"WHERE i.client_id = :id AND o.identity_id = i.id {earlier} AND {visible(self._session, 'o')} "
            "ORDER BY o.ordered_at DESC, o.id DESC LIMIT :limit",
            {"id": client_id, "limit": limit, **values},
        )
        return [(row.id, _order(row, row.source)) for row in rows]

    def span(self) -> tuple[int, int] | None:
        published = visible(self._session, "o")
        first, last = execute(
            self._session,
            f"SELECT (SELECT min(o.ordered_day) FROM orders AS o WHERE {published}), "
            f"(SELECT max(o.ordered_day) FROM orders AS o WHERE {published})",
        ).one()
        return None if first is None else (first, last)

    def days_of(self, source: str, order_ids: Sequence[str]) -> tuple[int, int] | None:
        wanted, parameters = keys(self._session, "text", order_id=order_ids)
        first, last = execute(
            self._session,
            "SELECT min(o.ordered_day), max(o.ordered_day) "
            f"FROM {wanted} AS k CROSS JOIN orders AS o "
            "WHERE o.source = :source AND o.order_id = k.order_id",
            parameters | {"source": source},
        ).one()
        return None if first is None else (first, last)

    def totals(self) -> tuple[int, int, int]:
        orders, clients, net = execute(
            self._session,
            "SELECT count(*), count(DISTINCT i.client_id), CAST(coalesce(sum(o.amount), 0) AS bigint) "
            "FROM orders AS o LEFT JOIN client_ids AS i ON i.id = o.identity_id "
            f"WHERE {visible(self._session, 'o')}",
        ).one()
        return orders, clients, net

    def net_by_day(self, first_day: int, last_day: int) -> Sequence[tuple[int, int, int]]:
        rows = execute(
            self._session,
            "SELECT o.ordered_day, CAST(sum(o.amount) AS bigint), count(*) FROM orders AS o "
            f"WHERE o.ordered_day BETWEEN :first AND :last AND {visible(self._session, 'o')} "
            "GROUP BY o.ordered_day ORDER BY o.ordered_day",
            {"first": first_day, "last": last_day},
        )
        return [(day, net, count) for day, net, count in rows]

    def ledger(self, client_id: int | None = None) -> pa.Table:
        published = visible(self._session, "o", "s")
        only = "" if client_id is None else f"AND i.client_id = {client_id:d}"
        return pull(
            self._session,
            "SELECT CAST(o.id AS bigint), CAST(i.client_id AS bigint), CAST(o.ordered_at AS bigint), "
            "CAST(o.ordered_day AS integer), CAST(o.amount AS bigint), CAST(o.kind AS text), "
            # Looked up only where an order names another one: a join would cost every row.
            "CAST(CASE WHEN o.cancels IS NOT NULL THEN (SELECT s.id FROM orders AS s "
            f"WHERE s.source = o.source AND s.order_id = o.cancels AND {published}) END AS bigint) "
            "FROM orders AS o JOIN client_ids AS i ON i.id = o.identity_id "
            f"WHERE {visible(self._session, 'o')} {only} ORDER BY o.id",
            _LEDGER,
            few=client_id is not None,
        )


def _order(row: Any, source: str) -> Order:
    return Order(
        order_id=row.order_id,
        source=source,
        client_id=row.external_id,
        ordered_at=datetime.fromtimestamp(row.ordered_at, UTC),
        amount=row.amount,
        kind=OrderKind(row.kind),
        cancels=row.cancels,
        original_amount=row.original_amount,
        original_currency=row.original_currency,
    )

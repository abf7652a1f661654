"""Which orders webhooks brought, and how new what they told is."""

from collections.abc import Mapping
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from salesml.core.webhooks import StoredPart
from salesml.db.bulk import execute, keys
from salesml.db.repositories.orders import SqlOrderRepository


class SqlWebhookRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def parts(self, source: str, shop_id: str) -> Mapping[str, StoredPart]:
        rows = execute(
            self._session,
            "SELECT w.part, w.changed_at, o.order_id FROM webhook_orders AS w "
            "JOIN orders AS o ON o.id = w.order_pk "
            "WHERE w.source = :source AND w.shop_id = :shop_id ORDER BY w.part",
            {"source": source, "shop_id": shop_id},
        ).all()
        stored = SqlOrderRepository(self._session).existing(source, [row.order_id for row in rows])
        return {
            row.part: StoredPart(
                order=stored[row.order_id][1], changed_at=datetime.fromtimestamp(row.changed_at, UTC)
            )
            for row in rows
        }

    def put(self, source: str, shop_id: str, numbers: Mapping[str, str], changed_at: datetime) -> None:
        wanted, parameters = keys(self._session, "text", part=list(numbers), order_id=list(numbers.values()))
        execute(
            self._session,
            "INSERT INTO webhook_orders (source, shop_id, part, order_pk, changed_at) "
            "SELECT CAST(:source AS text), CAST(:shop_id AS text), k.part, o.id, CAST(:changed_at AS bigint) "
            f"FROM {wanted} AS k CROSS JOIN orders AS o "
            "WHERE o.source = :source AND o.order_id = k.order_id "
            "ON CONFLICT (source, shop_id, part) "
            "DO UPDATE SET order_pk = excluded.order_pk, changed_at = excluded.changed_at",
            parameters | {"source": source, "shop_id": shop_id, "changed_at": int(changed_at.timestamp())},
        )

"""Every row that is about one client, from every table."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from salesml.db.bulk import execute
from salesml.db.journal import plain
from salesml.db.traces import rejects_of, traces_of

_IDENTITIES = "IN (SELECT i.id FROM client_ids AS i WHERE i.client_id = :id)"
_QUESTIONS: Mapping[str, str] = {
    "client": "SELECT t.* FROM clients AS t WHERE t.id = :id",
    "external_ids": "SELECT t.source, t.external_id FROM client_ids AS t WHERE t.client_id = :id "
    "ORDER BY t.id",
    "orders": f"SELECT t.* FROM orders AS t WHERE t.identity_id {_IDENTITIES} ORDER BY t.ordered_at, t.id",
    "webhook_orders": "SELECT t.source, t.shop_id, t.part, t.changed_at FROM webhook_orders AS t "
    f"JOIN orders AS o ON o.id = t.order_pk WHERE o.identity_id {_IDENTITIES} ORDER BY t.shop_id, t.part",
    "activity": f"SELECT t.* FROM activity AS t WHERE t.identity_id {_IDENTITIES} ORDER BY t.day",
    "snapshots": "SELECT t.* FROM client_activity AS t WHERE t.client_id = :id ORDER BY t.run_id",
    "sales_predictions": "SELECT t.* FROM sales_predictions AS t WHERE t.client_id = :id "
    "ORDER BY t.as_of_day, t.run_id",
    "purchase_predictions": "SELECT t.* FROM purchase_predictions AS t WHERE t.client_id = :id "
    "ORDER BY t.as_of_day, t.run_id",
    "outlooks": "SELECT t.* FROM client_outlooks AS t WHERE t.client_id = :id ORDER BY t.run_id",
    "merges": "SELECT t.* FROM client_merges AS t WHERE t.client_id = :id ORDER BY t.id",
    "not_the_same_as": "SELECT t.second_id AS id FROM distinct_clients AS t WHERE t.first_id = :id "
    "UNION SELECT t.first_id FROM distinct_clients AS t WHERE t.second_id = :id",
    "changes_by_imports": "SELECT t.* FROM import_changes AS t "
    "WHERE t.\"table\" = 'clients' AND t.row_key = CAST(:id AS text) ORDER BY t.id",
    "trail": "SELECT t.* FROM audit_events AS t WHERE t.subject = 'client ' || CAST(:id AS text) "
    "ORDER BY t.id",
}
_DERIVED = ("search_key", "identity_id", "import_id", "client_id")
_DOCUMENTS = ("fields", "detail", "old", "new")


def client_data(session: Session, client_id: int) -> Mapping[str, list[dict[str, Any]]]:
    """By what the rows are; times and money as they are stored."""
    found = {
        name: [_row(dict(row)) for row in execute(session, sql, {"id": client_id}).mappings()]
        for name, sql in _QUESTIONS.items()
    }
    traces = traces_of(session, client_id)
    found["rejected_rows"] = [dict(row) for row in rejects_of(session, traces)]
    return found


def _row(row: dict[str, Any]) -> dict[str, Any]:
    """Without what only joins tables; JSON, which SQLite keeps as text, as values."""
    told = {name: value for name, value in row.items() if name not in _DERIVED}
    return {name: plain(value) if name in _DOCUMENTS else value for name, value in told.items()}

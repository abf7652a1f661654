"""What is stored, in figures, and the reports that imports left."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from salesml.core.activity import METRICS
from salesml.core.clients import CONSENTS
from salesml.core.ledgers import LedgerReport, describe
from salesml.core.reports import ActivityFigures, ClientFigures, CurrencySum, Totals
from salesml.db.bulk import execute, is_postgresql
from salesml.db.journal import plain
from salesml.db.repositories.activity import SqlActivityRepository
from salesml.db.visibility import visible


class SqlReportRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def orders(self) -> LedgerReport:
        ledger = (
            "(SELECT o.source, o.order_id, i.client_id AS client, o.ordered_at AS instant, "
            "o.ordered_day AS day, o.amount, o.kind, o.cancels "
            "FROM orders AS o LEFT JOIN client_ids AS i ON i.id = o.identity_id "
            f"WHERE {visible(self._session, 'o')})"
        )
        return describe(self._ask, ledger)

    def currencies(self) -> Sequence[CurrencySum]:
        rows = self._ask(
            "SELECT o.original_currency, count(*), CAST(sum(o.original_amount) AS bigint), "
            "CAST(sum(o.amount) AS bigint) FROM orders AS o "
            f"WHERE o.original_currency IS NOT NULL AND {visible(self._session, 'o')} "
            "GROUP BY o.original_currency ORDER BY o.original_currency"
        )
        return [
            CurrencySum(currency=currency, orders=orders, original=original, amount=amount)
            for currency, orders, original, amount in rows
        ]

    def clients(self) -> ClientFigures:
        given = ", ".join(f"count(CASE WHEN c.{name} THEN 1 END)" for name in CONSENTS)
        [(clients, emails, registered, *consents)] = self._ask(
            f"SELECT count(*), count(c.email), count(c.registered_day), {given} FROM clients AS c "
            f"WHERE {visible(self._session, 'c')}"
        )
        return ClientFigures(
            clients=clients,
            with_email=emails,
            with_registration=registered,
            consents=dict(zip(CONSENTS, consents, strict=True)),
        )

    def activity(self) -> ActivityFigures:
        sums = ", ".join(f"CAST(coalesce(sum(a.{name}), 0) AS bigint)" for name in METRICS)
        [(days, clients, *found)] = self._ask(
            f"SELECT count(*), count(DISTINCT a.identity_id), {sums} FROM activity AS a "
            f"WHERE {visible(self._session, 'a')}"
        )
        coverage = SqlActivityRepository(self._session).coverage()
        return ActivityFigures(
            days=days,
            clients=clients,
            sums=dict(zip(METRICS, found, strict=True)),
            coverage=tuple(coverage.values()),
        )

    def is_larger_than(self, rows: int) -> bool:
        limit = rows + 1
        [(orders,)] = self._ask(f"SELECT count(*) FROM (SELECT 1 FROM orders LIMIT {limit:d}) AS o")
        [(days,)] = self._ask(f"SELECT count(*) FROM (SELECT 1 FROM activity LIMIT {limit:d}) AS a")
        return bool(orders + days > rows)

    def totals(self) -> Totals:
        [(orders, net)] = self._ask(
            "SELECT count(*), CAST(coalesce(sum(o.amount), 0) AS bigint) FROM orders AS o "
            f"WHERE {visible(self._session, 'o')}"
        )
        return Totals(orders=orders, net=net)

    def keep(self, import_id: int, report: Mapping[str, Any]) -> None:
        json_type = "jsonb" if is_postgresql(self._session) else "text"
        execute(
            self._session,
            f"INSERT INTO import_reports (import_id, report) VALUES (:id, CAST(:report AS {json_type})) "
            "ON CONFLICT (import_id) DO UPDATE SET report = excluded.report",
            {"id": import_id, "report": json.dumps(report, ensure_ascii=False)},
        )

    def of_import(self, import_id: int) -> Mapping[str, Any] | None:
        sql = "SELECT r.report FROM import_reports AS r WHERE r.import_id = :id"
        found = execute(self._session, sql, {"id": import_id}).scalar_one_or_none()
        return None if found is None else plain(found)

    def _ask(self, sql: str) -> Sequence[Sequence[Any]]:
        return list(execute(self._session, sql).all())

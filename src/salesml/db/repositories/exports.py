"""Whole lists, chunk by chunk, as one snapshot has them."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pyarrow as pa
from sqlalchemy import text
from sqlalchemy.orm import Session

from salesml.core.activity import METRICS
from salesml.core.clients import CONSENTS, ClientLine
from salesml.core.exports import COLUMNS, ExportNoun, ExportQuery, Holds
from salesml.core.models import HORIZON_DAYS, ModelRole, Target, version_name
from salesml.core.money import Currency
from salesml.core.predictions import RunState
from salesml.db.client_lines import newest_run, page
from salesml.db.repositories.audit import SqlAuditRepository
from salesml.db.repositories.clients import first_pairs
from salesml.db.repositories.imports import SqlImportRepository
from salesml.db.visibility import visible

CHUNK = 2_000
Row = tuple[Any, ...]
_COUNTS = "rows accepted repeated changed rejected guests erased new_clients net".split()
_TYPES: Mapping[Holds, pa.DataType] = {
    Holds.TEXT: pa.string(),
    Holds.WHOLE: pa.int64(),
    Holds.REAL: pa.float64(),
    Holds.FLAG: pa.bool_(),
    Holds.MONEY: pa.int64(),
    Holds.INSTANT: pa.int64(),
    Holds.DAY: pa.int32(),
}


class SqlExportRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def chunks(
        self, query: ExportQuery, *, currency: Currency, threshold: float, today: int
    ) -> Iterator[pa.Table]:
        columns = COLUMNS[query.noun]
        schema = pa.schema([(column.name, _TYPES[column.holds]) for column in columns])
        read: Mapping[ExportNoun, Callable[[], Iterable[list[Row]]]] = {
            ExportNoun.CLIENTS: lambda: self._clients(query, threshold, today),
            ExportNoun.ORDERS: lambda: self._orders(query, currency),
            ExportNoun.ACTIVITY: lambda: self._activity(query),
            ExportNoun.PREDICTIONS: lambda: self._predictions(query),
            ExportNoun.SCORING_RUNS: self._scoring_runs,
            ExportNoun.REJECTED: lambda: self._rejected(query),
            ExportNoun.IMPORTS: self._imports,
            ExportNoun.AUDIT: self._audit,
        }
        for rows in read[query.noun]():
            values = zip(*rows, strict=True)
            arrays = [pa.array(column, field.type) for column, field in zip(values, schema, strict=True)]
            yield pa.table(arrays, schema=schema)

    def _clients(self, query: ExportQuery, threshold: float, today: int) -> Iterator[list[Row]]:
        asked = replace(query.clients, limit=CHUNK, cursor=None)
        while True:
            found = page(self._session, asked, threshold=threshold, today=today)
            if found.items:
                yield [_client(line) for line in found.items]
            if found.next_cursor is None:
                return
            asked = replace(asked, cursor=found.next_cursor)

    def _orders(self, query: ExportQuery, currency: Currency) -> Iterator[list[Row]]:
        where, values = _conditions(query, "o.ordered_day", "o.source")
        sql = (
            "SELECT o.order_id, o.source, i.external_id, o.ordered_at, o.amount, o.kind, o.cancels, "
            "o.original_amount, o.original_currency "
            "FROM orders AS o LEFT JOIN client_ids AS i ON i.id = o.identity_id "
            f"WHERE {visible(self._session, 'o')} {where} ORDER BY o.ordered_day, o.id"
        )
        for rows in self._streamed(sql, values):
            yield [(*row[:5], currency.code, *row[5:7], _major(row[7], row[8]), row[8]) for row in rows]

    def _activity(self, query: ExportQuery) -> Iterator[list[Row]]:
        where, values = _conditions(query, "v.day", "i.source")
        metrics = ", ".join(f"v.{name}" for name in METRICS)
        yield from self._streamed(
            f"SELECT i.external_id, i.source, v.day, {metrics} "
            "FROM activity AS v JOIN client_ids AS i ON i.id = v.identity_id "
            f"WHERE {visible(self._session, 'v')} {where} ORDER BY v.identity_id, v.day",
            values,
        )

    def _predictions(self, query: ExportQuery) -> Iterator[list[Row]]:
        """One run's by client, or one client's, the newest first."""
        one = query.client_id is not None
        chosen = "s.client_id = :client_id" if one else "r.id = :run_id"
        run = query.run_id or newest_run(self._session)
        yield from self._streamed(
            "SELECT coalesce(i.external_id, ''), coalesce(i.source, ''), s.as_of_day, s.predicted_sales, "
            "s.lower, s.upper, p.purchase_probability, p.decision "
            "FROM scoring_runs AS r JOIN sales_predictions AS s "
            f"ON s.run_id = r.id AND s.horizon_days = {HORIZON_DAYS[Target.SALES]} "
            "JOIN purchase_predictions AS p ON p.run_id = r.id AND p.client_id = s.client_id "
            f"AND p.horizon_days = {HORIZON_DAYS[Target.PURCHASE]} JOIN clients AS c ON c.id = s.client_id "
            f"LEFT JOIN {first_pairs(self._session)} AS i ON i.client_id = s.client_id "
            f"WHERE {chosen} AND r.state = '{RunState.PUBLISHED.value}' AND {visible(self._session, 'c')} "
            f"ORDER BY {'s.as_of_day DESC, s.run_id DESC' if one else 's.client_id'}",
            {"client_id": query.client_id} if one else {"run_id": run},
        )

    def _scoring_runs(self) -> Iterator[list[Row]]:
        rows = self._streamed(
            "SELECT r.id, r.as_of_day, r.state, r.clients, r.threshold, v.id, v.role, w.id, w.role, "
            "r.published_at FROM scoring_runs AS r JOIN model_versions AS v ON v.id = r.sales_version_id "
            "JOIN model_versions AS w ON w.id = r.purchase_version_id "
            "WHERE r.published_at IS NOT NULL ORDER BY r.id DESC",
            {},
        )
        for chunk in rows:
            yield [
                (
                    str(row[0]),
                    *row[1:5],
                    version_name(Target.SALES, ModelRole(row[6]), row[5]),
                    version_name(Target.PURCHASE, ModelRole(row[8]), row[7]),
                    row[9],
                )
                for row in chunk
            ]

    def _rejected(self, query: ExportQuery) -> Iterator[list[Row]]:
        yield from self._streamed(
            "SELECT r.row, r.field, r.code, r.reason, r.raw, r.record FROM import_rejects AS r "
            "WHERE r.import_id = :import_id ORDER BY r.row, r.field, r.code",
            {"import_id": query.import_id},
        )

    def _imports(self) -> Iterator[list[Row]]:
        repository, before = SqlImportRepository(self._session), None
        while found := repository.page(CHUNK, before):
            yield [
                (
                    str(one.id),
                    one.kind.value,
                    one.source,
                    one.file_name,
                    one.file_sha256,
                    one.state.value,
                    *(getattr(one.counts, name) for name in _COUNTS),
                    int(one.created_at.timestamp()),
                    None if one.finished_at is None else int(one.finished_at.timestamp()),
                    one.error,
                )
                for one in found
            ]
            before = found[-1].id

    def _audit(self) -> Iterator[list[Row]]:
        repository, before = SqlAuditRepository(self._session), None
        while found := repository.latest(CHUNK, before):
            yield [
                (
                    int(one.at.timestamp()),
                    one.actor,
                    one.action,
                    one.subject,
                    json.dumps(dict(one.detail), ensure_ascii=False, sort_keys=True),
                )
                for one in found
            ]
            before = found[-1].id

    def _streamed(self, sql: str, values: Mapping[str, object]) -> Iterator[list[Row]]:
        """By a cursor of the server where the driver would fetch everything at once."""
        options = {"stream_results": True, "max_row_buffer": CHUNK}
        found = self._session.execute(text(sql), values, execution_options=options)
        for rows in found.partitions(CHUNK):
            yield [tuple(row) for row in rows]


def _conditions(query: ExportQuery, day: str, source: str) -> tuple[str, dict[str, object]]:
    told = {
        "client_id": ("i.client_id = :client_id", query.client_id),
        "source": (f"{source} = :source", query.source),
        "first_day": (f"{day} >= :first_day", query.first_day),
        "last_day": (f"{day} <= :last_day", query.last_day),
    }
    given: dict[str, object] = {name: value for name, (_, value) in told.items() if value is not None}
    return "".join(f" AND {told[name][0]}" for name in given), given


def _client(line: ClientLine) -> Row:
    client = line.client
    first = client.external_ids[0] if client.external_ids else None
    registered = client.registered_at
    consents: list[Any] = []
    for name in CONSENTS:
        told = client.consents.get(name)
        at = told.at if told else None
        consents += [told.granted if told else None, None if at is None else int(at.timestamp())]
    return (
        first.external_id if first else None,
        first.source if first else None,
        client.first_name,
        client.last_name,
        client.email,
        None if registered is None else int(registered.timestamp()),
        *consents,
        line.tenure_months,
        line.as_of_day,
        line.predicted_sales,
        line.purchase_probability,
        line.decision,
        line.days_since_last_purchase,
        "; ".join(f"{one.source}:{one.external_id}" for one in client.external_ids[1:]) or None,
        str(client.id),
    )


def _major(minor: int | None, code: str | None) -> str | None:
    if minor is None or code is None:
        return None
    major: Decimal = Currency(code).to_major(minor)
    return str(major)

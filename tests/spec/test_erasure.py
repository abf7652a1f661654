"""Erasing a client from what others wrote, and keeping it away: one specification, both databases."""

import json
from hashlib import sha256
from typing import Any

import pyarrow as pa
import pytest
from sqlalchemy import Engine, text
from tests.support.ledgers import NOW, begin, bring_clients, bring_orders, contents, set_state

from salesml.core.clients import ExternalId
from salesml.core.imports import ImportKind, ImportState, RejectedRow
from salesml.core.jobs import JobKind
from salesml.core.users import UserRole
from salesml.db.transactions import SqlTransactions
from salesml.db.unit_of_work import SqlUnitOfWork
from salesml.services import erasure, imports, installation

SECRETS = ("anna-0042", "anna@secret.example", "tajemnicza")
TOLD = {"client_id": "anna-0042", "text": "Anna Tajemnicza <ANNA@secret.example>", "other": "jan-1"}


def _digest(source: str, external_id: str) -> bytes:
    return sha256(f"{source}:{external_id}".encode()).digest()


@pytest.fixture
def tx(engine: Engine) -> SqlTransactions:
    made = SqlTransactions(engine, erased_digest=_digest)
    made.run(installation.initialise, currency="PLN", timezone="Europe/Warsaw", now=NOW)
    return made


def bring(uow: SqlUnitOfWork) -> int:
    """Anna and Jan, by an import of clients and one of orders; answers Anna's id."""
    first = begin(uow, ImportKind.CLIENTS)
    bring_clients(uow, first, [("anna-0042", "Anna", "anna@secret.example"), ("jan-1", "Jan", "jan@x.pl")])
    set_state(uow, first)
    second = begin(uow)
    bring_orders(uow, second, [("anna's order", "anna-0042", 500), ("2", "jan-1", 7)])
    set_state(uow, second)
    client_id = erasure.client_called(uow, ExternalId(source="default", external_id="anna-0042"))
    uow.clients.amend(client_id, {"last_name": "Tajemnicza"})
    return client_id


def secrets_left(engine: Engine) -> list[str]:
    found = [f"{table}: {row}" for table, rows in contents(engine).items() for row in rows]
    with engine.connect() as connection:
        found += [str(row) for row in connection.execute(text("SELECT * FROM imports"))]
    return [row for row in found if any(secret in row.lower() for secret in SECRETS)]


def gossip(uow: SqlUnitOfWork) -> None:
    """Name Anna wherever a table keeps documents or refused rows, and Jan beside her."""
    job = uow.jobs.add(JobKind.IMPORT, {"query": json.dumps(TOLD)}, unique_key="a", created_by="x", now=NOW)
    session = uow._session
    session.execute(text("UPDATE jobs SET error = :told"), {"told": str(TOLD)})
    assert job.id
    user = uow.users.add(email="ann@shop.example", role=UserRole.ADMIN, password_hash="x", now=NOW)
    as_json = "CAST(:told AS jsonb)" if session.get_bind().dialect.name == "postgresql" else ":told"
    ids, by = f", {user.id}", ", 's', '', 'import', TRUE, 1, ''"
    tables = {
        "import_reports (report, import_id)": ", 1",
        "idempotency_keys (answer, user_id, key, request, status, created_at)": ids
        + ", 'k', :digest, 200, 1",
        "summaries (value, name, computed_at)": ", 'gossip', 1",
        "schedules (args, name, cron, kind, is_active, created_at, created_by)": by,
        "audit_events (detail, at, actor, action, subject)": ", 1, 'x', 'y', 'z'",
    }
    told = {"told": json.dumps(TOLD), "digest": b"d"}
    for table, others in tables.items():
        session.execute(text(f"INSERT INTO {table} VALUES ({as_json}{others})"), told)
    session.execute(text(f"UPDATE jobs SET result = {as_json}, checkpoint = {as_json}"), told)
    session.execute(
        text("UPDATE imports SET error = 'anna-0042 is wrong', file_name = :name"), {"name": SECRETS[1]}
    )
    rows = [
        RejectedRow(row=1, field="email", code="bad", reason="r", raw="anna@Secret.example"),
        RejectedRow(row=2, field="amount", code="bad", reason="r", raw="x", record="anna-0042,x,5"),
        RejectedRow(row=3, field="amount", code="bad", reason="r", raw="x", record=",TAJEMNICZA,Anna"),
        RejectedRow(row=4, field="amount", code="bad", reason="r", raw="x", record="jan-1,x,5"),
        RejectedRow(row=7, field="client_id", code="bad", reason="r", raw="anna-0042"),
        RejectedRow(row=6, field="x", code="bad", reason="not for anna@secret.example", raw="x"),
        RejectedRow(row=5, field="order_id", code="conflict", reason="anna's order", raw="anna's order"),
    ]
    uow.imports.set_aside(1, rows)


def test_nothing_that_others_wrote_names_an_erased_client(tx: SqlTransactions, engine: Engine) -> None:
    client_id = tx.run(bring)
    tx.run(gossip)
    assert len(secrets_left(engine)) >= 12
    removed = tx.run(erasure.erase, client_id, actor="ann@shop.example", now=NOW)
    assert secrets_left(engine) == []
    assert removed["documents"] == 8
    assert removed["import_rejects"] == 6
    told = str(contents(engine))
    assert "jan-1" in told
    assert "anna's order" not in told
    assert tx.read(lambda uow: uow.orders.totals()) == (1, 1, 7)


def test_the_trail_keeps_that_somebody_was_erased(tx: SqlTransactions) -> None:
    client_id = tx.run(bring)
    tx.run(erasure.erase, client_id, actor="ann@shop.example", now=NOW)
    (event,) = tx.read(lambda uow: uow.audit.latest(1))
    assert (event.action, event.subject, event.detail["orders"]) == (
        "client.erased",
        f"client {client_id}",
        1,
    )


def orders_of(*rows: tuple[str, str]) -> pa.Table:
    return pa.table(
        {
            "row": pa.array(range(1, len(rows) + 1), pa.int64()),
            "order_id": [number for number, _ in rows],
            "client_external_id": [client for _, client in rows],
            "ordered_at": pa.array([1_700_000_000] * len(rows), pa.int64()),
            "ordered_day": pa.array([19_675] * len(rows), pa.int32()),
            "amount": pa.array([100] * len(rows), pa.int64()),
            "kind": ["sale"] * len(rows),
            "cancels": pa.array([None] * len(rows), pa.string()),
            "currency": pa.array([None] * len(rows), pa.string()),
            "rate_day": pa.array([None] * len(rows), pa.int32()),
            "original_amount": pa.array([None] * len(rows), pa.int64()),
        }
    )


def test_an_import_that_is_under_way_goes_on_without_the_client(tx: SqlTransactions, engine: Engine) -> None:
    client_id = tx.run(bring)

    def half(uow: SqlUnitOfWork) -> int:
        import_id = begin(uow)
        set_state(uow, import_id, ImportState.PUBLISHING)
        imports.publish(uow, import_id, orders_of(("new 1", "anna-0042"), ("new 2", "jan-1")), False)
        return import_id

    import_id = tx.run(half)
    tx.run(erasure.erase, client_id, actor="x", now=NOW)
    counts = tx.run(imports.publish, import_id, orders_of(("new 3", "anna-0042"), ("new 4", "jan-1")), False)
    assert (counts.accepted, counts.erased) == (1, 1)
    tx.run(set_state, import_id)
    assert secrets_left(engine) == []
    assert tx.read(lambda uow: uow.orders.totals())[0] == 3


def test_refused_rows_of_an_erased_client_are_kept_without_what_they_say(tx: SqlTransactions) -> None:
    client_id = tx.run(bring)
    tx.run(erasure.erase, client_id, actor="x", now=NOW)

    def refuse(uow: SqlUnitOfWork) -> Any:
        import_id = begin(uow)
        rows = [
            RejectedRow(row=1, field="client_id", code="bad", reason="long", raw="anna-0042"),
            RejectedRow(row=2, field="client_id", code="bad", reason="long", raw="jan-1"),
        ]
        imports.set_aside(uow, import_id, rows)
        return uow.imports.rejected(import_id)

    first, second = tx.run(refuse)
    assert (first.raw, first.record, first.reason) == (None, None, "of a client who was erased")
    assert (second.raw, second.reason) == ("jan-1", "long")

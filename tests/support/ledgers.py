"""Small tables of orders, clients and activity, brought by imports as the import use case brings them."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import pyarrow as pa
from sqlalchemy import Engine, text

from salesml.core.activity import METRICS
from salesml.core.clients import CONSENTS, DEFAULT_SOURCE
from salesml.core.files import FileReading
from salesml.core.imports import ImportKind, ImportState
from salesml.db.tables import ImportRow
from salesml.db.tables.base import Row
from salesml.db.unit_of_work import SqlUnitOfWork

NOW = datetime(2026, 1, 31, 12, 30, tzinfo=UTC)
DAY = 20_000
OrderCells = tuple[str, str | None, int]
"""Order number, client, amount."""
ActivityCells = tuple[str, int, int | None, int | None]
"""Client, day after DAY, visits, advertisement clicks."""
ClientCells = tuple[str, str | None, str | None]
"""Client, first name, e-mail."""


def begin(uow: SqlUnitOfWork, kind: ImportKind = ImportKind.ORDERS) -> int:
    reading = FileReading(kind=kind, format="csv", columns=("a",), mapping={"a": "A"}, sample=(("Anna",),))
    return uow.imports.add(
        kind=kind, source=DEFAULT_SOURCE, file_name="a.csv", file_sha256="00ff", reading=reading, now=NOW
    ).id


def set_state(uow: SqlUnitOfWork, import_id: int, state: ImportState = ImportState.PUBLISHED) -> None:
    uow.imports.set_state(import_id, state, now=NOW)


def identities_of(uow: SqlUnitOfWork, clients: Iterable[str | None], import_id: int | None) -> dict[str, int]:
    """Identity by client; the missing ones are created."""
    wanted = list(dict.fromkeys(client for client in clients if client is not None))
    known = dict(uow.clients.identities(DEFAULT_SOURCE, wanted))
    missing = [client for client in wanted if client not in known]
    return known | dict(uow.clients.create(DEFAULT_SOURCE, missing, import_id))


def orders(
    rows: Sequence[OrderCells],
    identities: dict[str, int],
    *,
    kinds: dict[str, str] | None = None,
    cancels: dict[str, str] | None = None,
) -> pa.Table:
    """The table that `add` takes; the i-th order is dated DAY + i."""
    numbers = [number for number, _, _ in rows]
    days = range(DAY, DAY + len(rows))
    return pa.table(
        {
            "order_id": pa.array(numbers, pa.string()),
            "client_external_id": pa.array([client for _, client, _ in rows], pa.string()),
            "identity_id": pa.array([identities.get(client or "") for _, client, _ in rows], pa.int64()),
            "ordered_at": pa.array([day * 86_400 + 3600 for day in days], pa.int64()),
            "ordered_day": pa.array(days, pa.int32()),
            "amount": pa.array([amount for _, _, amount in rows], pa.int64()),
            "kind": pa.array([(kinds or {}).get(number, "sale") for number in numbers], pa.string()),
            "cancels": pa.array([(cancels or {}).get(number) for number in numbers], pa.string()),
            "original_amount": pa.nulls(len(rows), pa.int64()),
            "original_currency": pa.nulls(len(rows), pa.string()),
        }
    )


def bring_orders(uow: SqlUnitOfWork, import_id: int | None, rows: Sequence[OrderCells]) -> None:
    """Add what is new, replace what differs, note what repeats."""
    identities = identities_of(uow, [client for _, client, _ in rows], import_id)
    known = uow.orders.existing(DEFAULT_SOURCE, [number for number, _, _ in rows])
    new = [row for row in rows if row[0] not in known]
    uow.orders.add(orders(new, identities), DEFAULT_SOURCE, import_id)
    old = [row for row in rows if row[0] in known]
    equal = [row for row in old if row[1:] == (known[row[0]][1].client_id, known[row[0]][1].amount)]
    uow.orders.brought([known[number][0] for number, _, _ in equal], import_id)
    changed = [row for row in old if row not in equal]
    row_ids = pa.array([known[number][0] for number, _, _ in changed], pa.int64())
    uow.orders.overwrite(orders(changed, identities).append_column("row_id", row_ids), import_id)


def activity(rows: Sequence[ActivityCells], identities: dict[str, int]) -> pa.Table:
    metrics = {name: pa.array([None] * len(rows), pa.int64()) for name in METRICS}
    metrics["visits"] = pa.array([visits for _, _, visits, _ in rows], pa.int64())
    metrics["ad_clicks"] = pa.array([clicks for _, _, _, clicks in rows], pa.int64())
    keys = {
        "identity_id": pa.array([identities[client] for client, _, _, _ in rows], pa.int64()),
        "day": pa.array([DAY + day for _, day, _, _ in rows], pa.int32()),
    }
    return pa.table(keys | metrics)


def bring_activity(uow: SqlUnitOfWork, import_id: int, rows: Sequence[ActivityCells]) -> tuple[int, int]:
    identities = identities_of(uow, [row[0] for row in rows], import_id)
    return uow.activity.upsert(activity(rows, identities), import_id)


def clients(rows: Sequence[ClientCells], identities: dict[str, int]) -> pa.Table:
    columns = {
        "identity_id": pa.array([identities[client] for client, _, _ in rows], pa.int64()),
        "first_name": pa.array([name for _, name, _ in rows], pa.string()),
        "last_name": pa.array([None] * len(rows), pa.string()),
        "email": pa.array([email for _, _, email in rows], pa.string()),
        "registered_at": pa.array([None] * len(rows), pa.int64()),
        "registered_day": pa.array([None] * len(rows), pa.int32()),
        **{name: pa.nulls(len(rows), pa.bool_()) for name in CONSENTS},
        **{f"{name}_at": pa.nulls(len(rows), pa.int64()) for name in CONSENTS},
    }
    return pa.table(columns)


def bring_clients(uow: SqlUnitOfWork, import_id: int, rows: Sequence[ClientCells]) -> int:
    identities = identities_of(uow, [row[0] for row in rows], import_id)
    return uow.clients.overwrite(clients(rows, identities), import_id)


def take_back(uow: SqlUnitOfWork, import_id: int, limit: int = 1000) -> None:
    set_state(uow, import_id, ImportState.REMOVING)
    while uow.imports.take_back(import_id, limit):
        pass
    set_state(uow, import_id, ImportState.FAILED)


def contents(engine: Engine) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table but the list of imports itself."""
    with engine.connect() as connection:
        return {
            table.name: sorted(
                (tuple(row) for row in connection.execute(text(f"SELECT * FROM {table.name}"))), key=repr
            )
            for table in Row.metadata.sorted_tables
            if table.name != ImportRow.__tablename__
        }


def clear(engine: Engine) -> None:
    with engine.begin() as connection:
        for table in reversed(Row.metadata.sorted_tables):
            connection.execute(table.delete())

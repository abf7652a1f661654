"""What an installation holds, asked of its database directly, to be compared with another one."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, NullPool, create_engine, make_url, text
from tests.support.commands import Salesml

# In the order of their numbers, but without these: a transaction that was rolled back leaves a gap.
CONTENT = {
    "orders": "SELECT o.source, o.order_id, i.external_id, o.ordered_at, o.amount, o.kind "
    "FROM orders o LEFT JOIN client_ids i ON i.id = o.identity_id ORDER BY o.id",
    "clients": "SELECT i.external_id, c.first_name, c.email, c.registered_day, c.search_key "
    "FROM clients c JOIN client_ids i ON i.client_id = c.id ORDER BY c.id, i.id",
    "activity": "SELECT i.external_id, a.day, a.visits, a.seconds_on_site, a.ad_clicks, a.newsletter_opens "
    "FROM activity a JOIN client_ids i ON i.id = a.identity_id ORDER BY i.id, a.day",
    "coverage": "SELECT metric, first_day, last_day FROM activity_coverage ORDER BY metric",
    "order_imports": "SELECT b.import_id, o.order_id FROM order_imports b JOIN orders o ON o.id = b.order_pk "
    "ORDER BY b.import_id, o.id",
    "imports": "SELECT id, kind, state, file_sha256, counts FROM imports ORDER BY id",
    "rejects": "SELECT import_id, row, field, code FROM import_rejects ORDER BY import_id, row, field",
}

IMPORTING_SLOWLY, SCORING_SLOWLY = (
    f"from salesml.jobs import {work}; {work}.CHUNK = {rows}; from salesml.cli.main import run; run()"
    for work, rows in (("imports", 500), ("scoring", 100))
)
"""The code of commands that store little at a time: killed somewhere on the way, they are not at the end."""


def connect(salesml: Salesml) -> Connection:
    """Every question sees what is committed by then, so that one connection may ask again and again."""
    url = make_url(salesml.environment["SALESML_DATABASE_URL"])
    if url.get_backend_name() == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    return create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT").connect()


def content(salesml: Salesml) -> dict[str, list[Any]]:
    with connect(salesml) as connection:
        found = {name: [tuple(row) for row in connection.execute(text(sql))] for name, sql in CONTENT.items()}
    # SQLite answers JSON as text, PostgreSQL as values.
    found["imports"] = [
        (*row[:-1], json.loads(row[-1]) if isinstance(row[-1], str) else row[-1]) for row in found["imports"]
    ]
    return found


def stored(connection: Connection, table: str) -> int:
    return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def has_more(table: str, rows: int) -> Callable[[Connection], bool]:
    return lambda connection: stored(connection, table) > rows


def a_file_of_orders(path: Path, rows: int) -> Path:
    """Orders of many clients, among them equal repeats and bad rows."""
    lines = ["order_id,client_id,ordered_at,amount"]
    for number in range(rows):
        amount = "broken" if number % 997 == 5 else f"{number % 400}.50"
        lines.append(f"{number},C{number % 7919},2026-0{1 + number % 9}-1{number % 10},{amount}")
    path.write_text("\n".join(lines) + "\n")
    return path


def undisturbed(salesml: Salesml, tmp_path: Path, files: list[tuple[str, Path]]) -> Salesml:
    """Another installation that imports the same files in peace."""
    command = Salesml(
        tmp_path,
        {
            **salesml.environment,
            "SALESML_DATA_DIR": str(tmp_path / "undisturbed"),
            "SALESML_DATABASE_URL": f"sqlite:///{tmp_path / 'undisturbed' / 'salesml.db'}",
        },
        salesml.monkeypatch,
        salesml.capsys,
    )
    command.good("migrate")
    for kind, path in files:
        command.good("import", kind, path)
    return command


def versions(salesml: Salesml) -> list[tuple[Any, ...]]:
    sql = "SELECT id, target, role, features, metrics, folded, training FROM model_versions ORDER BY id"
    with connect(salesml) as connection:
        return [tuple(row) for row in connection.execute(text(sql))]

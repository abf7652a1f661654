"""kill -9 in the middle of long work: nothing half-done is seen, and running it again gives the same."""

import json
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import Connection, NullPool, create_engine, make_url, text
from tests.support.commands import Salesml
from tests.support.shops import small_shop

from salesml.services import orders
from salesml.settings import Settings
from salesml.wiring import open_app

BOTH = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
PATIENCE_S = 60
CONTENT = {
    "orders": "SELECT o.id, o.source, o.order_id, i.external_id, o.ordered_at, o.amount, o.kind "
    "FROM orders o LEFT JOIN client_ids i ON i.id = o.identity_id ORDER BY o.id",
    "clients": "SELECT i.external_id, c.id, c.first_name, c.email, c.registered_day, c.search_key "
    "FROM clients c JOIN client_ids i ON i.client_id = c.id ORDER BY c.id",
    "activity": "SELECT identity_id, day, visits, seconds_on_site, ad_clicks, newsletter_opens "
    "FROM activity ORDER BY identity_id, day",
    "coverage": "SELECT metric, first_day, last_day FROM activity_coverage ORDER BY metric",
    "order_imports": "SELECT import_id, order_pk FROM order_imports ORDER BY import_id, order_pk",
    "imports": "SELECT id, kind, state, file_sha256, counts FROM imports ORDER BY id",
    "rejects": "SELECT import_id, row, field, code FROM import_rejects ORDER BY import_id, row, field",
}


def connect(salesml: Salesml) -> Connection:
    url = make_url(salesml.environment["SALESML_DATABASE_URL"])
    if url.get_backend_name() == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    return create_engine(url, poolclass=NullPool).connect()


def content(salesml: Salesml) -> dict[str, list[Any]]:
    with connect(salesml) as connection:
        found = {name: [tuple(row) for row in connection.execute(text(sql))] for name, sql in CONTENT.items()}
    # SQLite answers JSON as text, PostgreSQL as values.
    found["imports"] = [
        (*row[:-1], json.loads(row[-1]) if isinstance(row[-1], str) else row[-1]) for row in found["imports"]
    ]
    return found


def kill_when(salesml: Salesml, reached: Callable[[Connection], bool], *arguments: object) -> None:
    """Start a command and kill -9 it as soon as the database shows that it has come so far."""
    process = salesml.start(*arguments)
    until = time.monotonic() + PATIENCE_S
    try:
        while time.monotonic() < until:
            assert process.poll() is None, ("it ended before it was killed", process.communicate())
            with connect(salesml) as connection:
                if reached(connection):
                    return
            time.sleep(0.01)
        raise AssertionError("it never came so far")
    finally:
        process.kill()
        process.communicate()


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


@BOTH
def test_an_import_that_was_killed_is_invisible_and_goes_on(salesml: Salesml, tmp_path: Path) -> None:
    first, rest = (
        a_file_of_orders(tmp_path / "first.csv", 200),
        a_file_of_orders(tmp_path / "rest.csv", 30_000),
    )
    salesml.good("import", "orders", first)
    for wanted in sorted(random.sample(range(5_000, 25_000), 2)):
        kill_when(salesml, has_more("orders", wanted), "import", "orders", rest)
        assert visible(salesml) == 199
    finished = salesml.good("import", "orders", rest, "--json").json
    assert finished["stored"]["orders"] == 30_000 - 31
    assert content(salesml) == content(undisturbed(salesml, tmp_path, [("orders", first), ("orders", rest)]))


def visible(salesml: Salesml) -> int:
    """Orders that a reader of the product sees now."""
    environment = salesml.environment
    settings = Settings(
        data_dir=Path(environment["SALESML_DATA_DIR"]),
        database_url=environment["SALESML_DATABASE_URL"],
        secret_key=SecretStr(environment["SALESML_SECRET_KEY"]),
    )
    with open_app(settings) as app:
        return app.tx.read(orders.totals)[0]


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


@BOTH
def test_a_killed_import_of_another_file_is_finished_first(salesml: Salesml, tmp_path: Path) -> None:
    shop = small_shop(tmp_path / "shop", clients=900, months=12)
    salesml.good("import", "clients", shop["clients"])
    kill_when(salesml, has_more("activity", 6_000), "import", "activity", shop["activity"])
    salesml.good("import", "orders", shop["orders"])
    files = [("clients", shop["clients"]), ("activity", shop["activity"]), ("orders", shop["orders"])]
    assert content(salesml) == content(undisturbed(salesml, tmp_path, files))


@BOTH
def test_a_training_that_was_killed_leaves_nothing_and_its_repeat_is_the_same(
    salesml: Salesml, tmp_path: Path
) -> None:
    shop = small_shop(tmp_path / "shop", clients=400, months=9)
    for kind, path in shop.items():
        salesml.good("import", kind, path)
    models = salesml.folder / "data" / "models"
    kill_when(salesml, lambda _: any(models.glob("*.joblib")), "train")
    assert versions(salesml) == []
    salesml.good("train")
    first = versions(salesml)
    salesml.good("train")
    assert [each[1:] for each in versions(salesml)[4:]] == [each[1:] for each in first]
    assert len({each[0] for each in first}) == 4
    files = {path.name for path in models.glob("*")}
    with connect(salesml) as connection:
        needed = {row[0] for row in connection.execute(text("SELECT file_name FROM model_versions"))}
    assert files == needed


def versions(salesml: Salesml) -> list[tuple[Any, ...]]:
    sql = "SELECT id, target, role, features, metrics, folded, training FROM model_versions ORDER BY id"
    with connect(salesml) as connection:
        return [tuple(row) for row in connection.execute(text(sql))]


def test_a_scoring_that_was_killed_is_invisible_and_its_repeat_is_the_same(
    salesml: Salesml, tmp_path: Path
) -> None:
    shop = small_shop(tmp_path / "shop", clients=16_000, months=6)
    salesml.good("import", "orders", shop["orders"])
    salesml.good("train")
    kill_when(salesml, has_more("sales_predictions", 0), "score")
    with connect(salesml) as connection:
        assert stored(connection, "scoring_runs WHERE state = 'published'") == 0
    salesml.good("score", "--out", tmp_path / "again.csv")
    salesml.good("score", "--out", tmp_path / "peace.csv")
    assert (tmp_path / "again.csv").read_bytes() == (tmp_path / "peace.csv").read_bytes()

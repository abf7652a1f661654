"""`salesml import --from`: a database instead of a file."""

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import text
from tests.support.commands import Salesml
from tests.support.contents import connect

from salesml.jobs.spool import FOLDER

QUERY = "SELECT number AS order_id, who AS client_id, made AS ordered_at, amount, seq FROM sales"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    path = tmp_path / "shop.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            "CREATE TABLE sales (number TEXT, who TEXT, made TEXT, amount REAL, seq INTEGER);"
            "INSERT INTO sales VALUES ('1', 'a', '2026-01-31 10:00:00', 10.5, 1),"
            "('2', 'b', '2026-01-31 11:00:00', 2.5, 2);"
        )
    return path


def asked(salesml: Salesml, *more: object) -> Any:
    return salesml.good("import", "orders", "--json", *more).json


def test_orders_come_from_a_database_by_path_and_by_name(salesml: Salesml, shop: Path) -> None:
    first = asked(salesml, "--from", shop, "--query", QUERY, "--watermark", "seq")
    assert (first["rows"], first["accepted"]) == (2, 2)
    assert first["file"].endswith("shop.sqlite.parquet")
    assert first["stored"] == {"orders": 2, "clients": 2, "net": 13.0}
    again = asked(salesml, "--from", shop, "--query", QUERY, "--watermark", "seq")
    assert (again["rows"], again["repeated"]) == (1, 1)
    named = replace(
        salesml, environment={**salesml.environment, "SALESML_SOURCES": json.dumps({"shop": str(shop)})}
    )
    by_name = asked(named, "--from", "shop", "--query", QUERY, "--source", "pl")
    assert (by_name["file"], by_name["accepted"]) == ("shop.parquet", 2)
    assert list((salesml.folder / "data" / FOLDER).iterdir()) == []


def test_a_preview_reads_and_imports_nothing(salesml: Salesml, shop: Path) -> None:
    shown = salesml.good("import", "orders", "--from", shop, "--query", QUERY, "--preview").out
    assert "order_id" in shown
    with connect(salesml) as connection:
        assert connection.execute(text("SELECT count(*) FROM jobs")).scalar() == 0


def test_nothing_new_is_said(salesml: Salesml, shop: Path) -> None:
    ended = salesml.good(
        "import", "orders", "--from", shop, "--query", QUERY, "--watermark", "seq", "--since", "9"
    )
    assert "nothing new" in ended.out


def test_parquet_files_need_no_query(salesml: Salesml, tmp_path: Path) -> None:
    for number in (1, 2):
        rows = {
            "order_id": [str(number)],
            "client_id": ["a"],
            "ordered_at": ["2026-01-31"],
            "amount": ["1.5"],
        }
        pq.write_table(pa.table(rows), tmp_path / f"part-{number}.parquet")
    assert asked(salesml, "--from", tmp_path / "part-*.parquet")["accepted"] == 2


def test_a_password_is_neither_stored_nor_shown(salesml: Salesml, postgres_url: str) -> None:
    """The server of the tests trusts everybody, so that any password is good."""
    head, _, tail = postgres_url.partition("@")
    scheme, _, user = head.partition("://")
    address = f"{scheme}://{user.partition(':')[0]}:hunter2secret@{tail}".replace("+psycopg", "")
    query = "SELECT '1' AS order_id, 'a' AS client_id, now() AS ordered_at, 5 AS amount, 1 AS seq"
    ended = salesml.good("import", "orders", "--from", address, "--query", query, "--watermark", "seq")
    assert "hunter2" not in ended.out + ended.err
    broken = salesml("import", "orders", "--from", address, "--query", "SELECT * FROM nowhere")
    assert (broken.status, "hunter2" in broken.err, "nowhere" in broken.err) == (1, False, True)
    for path in (salesml.folder / "data").rglob("*"):
        assert not path.is_file() or b"hunter2" not in path.read_bytes(), path


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--query", "SELECT 1"], "--from: is missing"),
        ([], "FILES: name files to import"),
        (["--from", "{shop}"], "--query: is missing"),
        (["--from", "{shop}", "--query", "SELECT 1", "file.csv"], "leave the files out"),
        (["--from", "{shop}", "--query", "SELECT 1", "--since", "5"], "watermark: names the column"),
        (["--from", "{shop}", "--query", "DELETE FROM sales"], "not authorized"),
        (["--from", "nobody", "--query", "SELECT 1"], "nobody does not exist"),
    ],
)
def test_options_that_do_not_go_together_are_named(
    salesml: Salesml, shop: Path, options: list[str], said: str
) -> None:
    ended = salesml("import", "orders", *(each.format(shop=shop) for each in options))
    assert ended.status == 1
    assert said in ended.err


def test_rows_of_an_undone_import_are_read_again(salesml: Salesml, shop: Path) -> None:
    asked(salesml, "--from", shop, "--query", QUERY, "--watermark", "seq")
    with closing(sqlite3.connect(shop)) as connection, connection:
        connection.execute("INSERT INTO sales VALUES ('3', 'c', '2026-02-01 10:00:00', 1, 3)")
    assert asked(salesml, "--from", shop, "--query", QUERY, "--watermark", "seq")["accepted"] == 1
    salesml.good("imports", "undo", "1", "--yes")
    # From the beginning; the second import brought the newest order of the first one again, as is its way.
    again = asked(salesml, "--from", shop, "--query", QUERY, "--watermark", "seq")
    assert (again["rows"], again["accepted"], again["repeated"]) == (3, 1, 2)
    salesml.good("imports", "undo", "2", "--yes")
    salesml.good("imports", "undo", "3", "--yes")
    assert asked(salesml, "--from", shop, "--query", QUERY, "--watermark", "seq")["accepted"] == 3

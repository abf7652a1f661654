"""Foreign databases as a source: read and never written, in bounded memory, without their passwords."""

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pyarrow.parquet as pq
import pytest
from sqlalchemy import make_url
from tests.support.databases import PostgresServer

from salesml.core.errors import InvalidValue, SourceRefused
from salesml.core.imports import ImportKind
from salesml.core.sources import Extract, Question, position_key
from salesml.data.databases import extract, safe_address
from salesml.data.foreign import duckdb_files, postgresql, sqlite_files

TABLE = """
CREATE TABLE sales (number TEXT, who TEXT, made TIMESTAMP, amount NUMERIC(10, 2), seq INTEGER);
INSERT INTO sales VALUES
    ('007', 'a', '2026-01-01 10:00:00', 10.10, 1),
    ('008', NULL, '2026-01-02 10:00:00', -0.05, 2),
    ('009%', 'b', '2026-01-03 10:00:00', 3000000, 10);
"""
QUERY = (
    "SELECT number AS order_id, who AS client_id, made AS ordered_at, amount, seq FROM sales ORDER BY seq;"
)
NUMBERS = ["007", "008", "009%"]


@pytest.fixture
def foreign(postgres_server: PostgresServer, tmp_path: Path) -> Any:
    """The same table in each kind of database, by name."""
    name = postgres_server.create()
    url = postgres_server.url_of(name)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(TABLE)
    lite = sqlite3.connect(tmp_path / "shop.sqlite")
    lite.executescript(TABLE)
    lite.close()
    duck = duckdb.connect(str(tmp_path / "shop.duckdb"))
    duck.execute(TABLE)
    duck.execute(f"COPY sales TO '{tmp_path / 'one.parquet'}'")
    duck.close()
    yield {
        "postgresql": url,
        "sqlite": str(tmp_path / "shop.sqlite"),
        "sqlite url": f"sqlite:///{tmp_path / 'shop.sqlite'}",
        "duckdb": f"duckdb:///{tmp_path / 'shop.duckdb'}",
        "parquet": str(tmp_path / "o*.parquet"),
    }
    postgres_server.drop(name)


KINDS = ("postgresql", "sqlite", "sqlite url", "duckdb", "parquet")
Read = Callable[..., tuple[Extract, list[dict[str, Any]]]]


@pytest.fixture
def read(foreign: dict[str, str], tmp_path: Path) -> Read:
    def reading(kind: str, query: str = QUERY, **asked: Any) -> tuple[Extract, list[dict[str, Any]]]:
        if kind == "parquet":
            query = query.replace("FROM sales", "FROM data")
        target = tmp_path / "answer.parquet"
        address = foreign.get(kind, kind)
        max_bytes = asked.pop("max_bytes", 10**9)
        found = extract(
            address, Question(query=query, **asked), target, max_bytes=max_bytes, progress=lambda _: None
        )
        return found, pq.read_table(target).to_pylist()

    return reading


@pytest.mark.parametrize("kind", KINDS)
def test_an_answer_becomes_a_file_with_its_types(read: Read, kind: str) -> None:
    found, rows = read(kind)
    assert found == Extract(rows=3, newest=None)
    assert [row["order_id"] for row in rows] == NUMBERS
    assert [row["client_id"] for row in rows] == ["a", None, "b"]
    assert [float(row["amount"]) for row in rows] == [10.10, -0.05, 3_000_000]
    times = [datetime.fromisoformat(str(row["ordered_at"])) for row in rows]
    assert times == [datetime(2026, 1, day, 10) for day in (1, 2, 3)]  # noqa: DTZ001


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("column", ["seq", "ordered_at", "order_id"])
def test_a_watermark_asks_again_only_from_its_largest_value_on(read: Read, kind: str, column: str) -> None:
    first, _ = read(kind, watermark=column)
    assert first.newest is not None
    again, rows = read(kind, watermark=column, since=first.newest)
    assert ([row["order_id"] for row in rows], again.newest) == (["009%"], first.newest)
    _, later = read(kind, watermark="seq", since="2")
    assert [row["order_id"] for row in later] == ["008", "009%"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_query_may_say_itself_where_the_watermark_goes(read: Read, kind: str) -> None:
    query = QUERY.replace("ORDER", "WHERE number LIKE '00%' AND seq > :watermark - 1 ORDER")
    _, rows = read(kind, query, watermark="seq", since="2")
    assert [row["order_id"] for row in rows] == ["008", "009%"]
    with pytest.raises(SourceRefused, match="needs a value to begin since"):
        read(kind, query, watermark="seq")


@pytest.mark.parametrize("kind", KINDS)
def test_an_answer_without_rows_is_none(read: Read, kind: str) -> None:
    found, rows = read(kind, watermark="seq", since="11")
    assert (found, rows) == (Extract(rows=0, newest=None), [])


WRITES = (
    "DELETE FROM sales",
    "INSERT INTO sales (number) VALUES ('1')",
    "DROP TABLE sales",
    "CREATE TABLE other (x INTEGER)",
    "SELECT 1; DELETE FROM sales",
    "COMMIT; DELETE FROM sales",
    "SELECT * FROM nothing_here",
    "not a query",
)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("query", WRITES)
def test_nothing_is_ever_written(read: Read, kind: str, query: str, tmp_path: Path) -> None:
    with pytest.raises(SourceRefused):
        read(kind, query)
    assert not list(tmp_path.glob("*answer*"))
    assert len(read(kind)[1]) == 3


@pytest.mark.parametrize(
    ("kind", "query"),
    [
        ("sqlite", "ATTACH 'other.db' AS other"),
        ("sqlite", "SELECT load_extension('x')"),
        ("sqlite", "PRAGMA query_only = OFF"),
        ("duckdb", "SELECT * FROM read_csv('/etc/passwd')"),
        ("duckdb", "SELECT * FROM '/etc/passwd'"),
        ("duckdb", "COPY sales TO 'stolen.csv'"),
        ("duckdb", "SET enable_external_access = true"),
        ("parquet", "SELECT * FROM read_text('/etc/passwd')"),
        ("parquet", "ATTACH 'shop.duckdb'"),
        ("postgresql", "WITH gone AS (DELETE FROM sales RETURNING 1) SELECT * FROM gone"),
        ("postgresql", "SELECT set_config('transaction_read_only', 'off', false); SELECT 1"),
    ],
)
def test_nothing_else_is_reached(read: Read, kind: str, query: str) -> None:
    with pytest.raises(SourceRefused):
        read(kind, query)


def test_no_password_stands_in_an_error(read: Read, foreign: dict[str, str]) -> None:
    url = make_url(foreign["postgresql"]).set(password="hunter2secret", database="nowhere")
    for address in (
        url.render_as_string(hide_password=False),
        "postgresql://me:hunter2secret@127.0.0.1:1/shop",
        "postgresql://127.0.0.1:1/shop?password=hunter2secret",
        "mysql://me:hunter2secret@host/shop",
        # The driver repeats an address that it cannot read.
        "postgresql://me:hunter2secret@[::1",
        "postgresql://me:hunter2secret@host/shop?colour=red",
    ):
        with pytest.raises(SourceRefused) as refused:
            read(address)
        assert "hunter2" not in str(refused.value)
        assert refused.value.__cause__ is None
    assert safe_address("postgresql://me:p%40ss@host/x") == "postgresql://me@host/x"


def test_a_slow_query_is_given_up(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    short = postgresql._OPTIONS.replace(f"{postgresql.STATEMENT_TIMEOUT_S}000", "200")
    monkeypatch.setattr(postgresql, "_OPTIONS", short)
    with pytest.raises(SourceRefused, match="statement timeout"):
        read("postgresql", "SELECT pg_sleep(20)::text AS order_id")
    monkeypatch.setattr(sqlite_files, "TIMEOUT_S", 0.2)
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"
    with pytest.raises(SourceRefused, match="interrupted"):
        read("sqlite", endless)


def test_an_answer_above_the_limit_is_refused(read: Read, tmp_path: Path) -> None:
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 50000)"
    many = f"{numbers} SELECT hex(randomblob(100)) AS x FROM n"
    with pytest.raises(SourceRefused, match="larger than"):
        read("sqlite", many, max_bytes=100_000)
    assert not list(tmp_path.glob("*answer*"))


def test_a_large_sort_spills_beside_our_own_file_alone(
    read: Read, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(duckdb_files._CONFIG, "memory_limit", "40MB")
    before = set(tmp_path.iterdir())
    query = (
        "SELECT i AS seq, repeat(md5(i::text), 4) AS order_id FROM range(400000) AS r (i) ORDER BY order_id"
    )
    found, _ = read("duckdb", query)
    assert found.rows == 400_000
    assert set(tmp_path.iterdir()) - before == {tmp_path / "answer.parquet"}


def test_a_missing_column_is_named(read: Read) -> None:
    with pytest.raises(SourceRefused, match=r"no column 'updated'.*order_id"):
        read("sqlite", watermark="updated")
    with pytest.raises(InvalidValue, match="is empty"):
        Question(query=" ; ")
    with pytest.raises(InvalidValue, match="names the column"):
        Question(query="SELECT * FROM x WHERE y > :watermark")


def test_files_that_are_no_database_are_refused(read: Read, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    for address in ("notes.txt", "*.txt", "missing.db", "missing*.parquet"):
        with pytest.raises(SourceRefused):
            read(str(tmp_path / address))


def test_times_of_a_zone_and_exact_numbers_come_as_they_are(read: Read) -> None:
    query = (
        "SELECT '2026-01-31 18:05:00+01'::timestamptz AS t, 0.1::numeric AS n, 'NaN'::numeric AS nan, "
        "NULL::date AS d, '{\"a\": 1}'::jsonb AS j, '\\x00ff'::bytea AS b, "
        "12345678901234567890::numeric AS big"
    )
    (row,) = read("postgresql", query)[1]
    assert row == {
        "t": datetime(2026, 1, 31, 17, 5, tzinfo=UTC),
        "n": "0.1",
        "nan": "NaN",
        "d": None,
        "j": "{'a': 1}",
        "b": "00ff",
        "big": "12345678901234567890",
    }


def test_a_position_is_of_one_question(read: Read) -> None:
    asked = Question(query="SELECT 1", watermark="x")
    other = Question(query="SELECT 2", watermark="x")
    keys = {
        position_key(kind, source, name, question)
        for kind in (ImportKind.ORDERS, ImportKind.CLIENTS)
        for source in ("a", "b")
        for name in ("shop", "other")
        for question in (asked, other, Question(query="SELECT 1", watermark="y"))
    }
    assert len(keys) == 24
    again = Question(query=" SELECT 1\n", watermark="x", since="5")
    assert position_key(ImportKind.ORDERS, "a", "shop", again) in keys


def test_many_rows_pass_in_batches(read: Read) -> None:
    query = "SELECT i AS seq, 'n' || i AS order_id FROM generate_series(1, 25000) AS s (i)"
    found, rows = read("postgresql", query, watermark="seq")
    assert (found.rows, found.newest, len(rows)) == (25_000, "25000", 25_000)
    assert sum(row["seq"] for row in rows) == 25_000 * 25_001 // 2

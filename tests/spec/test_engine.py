"""Engines: what they promise, and what they say when a database is not there."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from salesml.core.errors import DatabaseUnavailable, NotMigrated, SettingsInvalid
from salesml.db.engine import make_engine, reading, sqlite_file, writing
from salesml.db.transactions import SqlTransactions
from salesml.db.unit_of_work import SqlUnitOfWork


def count_users(uow: SqlUnitOfWork) -> int:
    return len(uow.users.list())


@pytest.mark.parametrize(
    "url",
    [
        "",
        "not a url",
        "mysql://anna:hush@host/shop",
        "postgresql+asyncpg://anna:hush@host/shop",
        "postgresql://anna:hush@host:port/shop",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///shop.db?mode=ro",
    ],
)
def test_any_other_url_is_refused_without_showing_a_password(url: str) -> None:
    with pytest.raises(SettingsInvalid, match="use sqlite:///folder") as caught:
        make_engine(url)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_postgresql_is_reached_by_psycopg_under_each_of_its_names(scheme: str) -> None:
    assert make_engine(f"{scheme}://host/shop").url.drivername == "postgresql+psycopg"


def test_an_unreachable_server_is_named_without_its_password() -> None:
    tx = SqlTransactions(make_engine("postgresql://anna:hush@127.0.0.1:1/shop"))
    with pytest.raises(DatabaseUnavailable, match=r"^postgresql://anna:\*\*\*@127.0.0.1:1/shop: ") as caught:
        tx.read(count_users)
    assert "hush" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_database_that_the_server_lacks_is_named(postgres_url: str) -> None:
    engine = make_engine(postgres_url.replace("/salesml_test_", "/no_such_"))
    with pytest.raises(DatabaseUnavailable, match="does not exist"):
        SqlTransactions(engine).read(count_users)


def test_a_broken_connection_is_told_and_the_next_transaction_works(postgres_url: str) -> None:
    engine = make_engine(postgres_url)
    tx = SqlTransactions(engine)

    def cut(uow: SqlUnitOfWork) -> None:
        uow._session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    with pytest.raises(DatabaseUnavailable):
        tx.run(cut)
    assert tx.read(count_users) == 0
    engine.dispose()


def test_a_connection_that_died_in_the_pool_is_replaced(postgres_url: str) -> None:
    engine, other = make_engine(postgres_url), make_engine(postgres_url)
    tx = SqlTransactions(engine)
    tx.read(count_users)
    with writing(other).connect() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    assert tx.read(count_users) == 0
    engine.dispose()
    other.dispose()


def test_a_missing_sqlite_file_is_not_made_by_using_it(tmp_path: Path) -> None:
    tx = SqlTransactions(make_engine(f"sqlite:///{tmp_path}/folder/shop.db"))
    for transaction in (tx.read, tx.run):
        with pytest.raises(NotMigrated, match=r"shop\.db does not exist; run: salesml migrate"):
            transaction(count_users)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_database_is_named_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    path.write_text("client_id;amount\n" * 100)
    with pytest.raises(DatabaseUnavailable, match=r"shop\.db: file is not a database"):
        SqlTransactions(make_engine(f"sqlite:///{path}")).read(count_users)
    assert path.read_text() == "client_id;amount\n" * 100


def test_a_full_disk_is_told_and_nothing_is_half_written(sqlite_url: str) -> None:
    engine = make_engine(sqlite_url)
    tx = SqlTransactions(engine)

    def fill(uow: SqlUnitOfWork) -> None:
        pages = uow._session.execute(text("PRAGMA page_count")).scalar_one()
        uow._session.execute(text(f"PRAGMA max_page_count = {pages + 5}"))
        for number in range(1000):
            uow._session.execute(text("INSERT INTO erased VALUES (randomblob(1000), :at)"), {"at": number})

    with pytest.raises(DatabaseUnavailable, match="disk is full"):
        tx.run(fill)
    with reading(engine).connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM erased")).scalar() == 0
    engine.dispose()


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("secure_delete", 1)],
)
def test_every_sqlite_connection_is_set_up(sqlite_url: str, pragma: str, value: object) -> None:
    engine = make_engine(sqlite_url)
    with reading(engine).connect() as first, reading(engine).connect() as second:
        for connection in (first, second):
            assert connection.execute(text(f"PRAGMA {pragma}")).scalar() == value
    engine.dispose()


def test_a_row_that_refers_to_nothing_is_refused(engine: Engine) -> None:
    orphan = text("INSERT INTO client_ids (source, external_id, client_id) VALUES ('s', 'x', 99)")
    with writing(engine).connect() as connection, pytest.raises(IntegrityError):
        connection.execute(orphan)


def test_the_sqlite_file_is_told_as_an_absolute_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert sqlite_file(make_engine("sqlite:///data/shop.db")) == tmp_path / "data" / "shop.db"
    assert sqlite_file(make_engine("postgresql://host/shop")) is None

"""Fixtures: an empty, freshly migrated database for each test, on both engines.

The schema is migrated once a run, into a template; a test gets a copy of it.
"""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import Engine, make_url
from tests.support.postgres_server import server

from salesml.db.engine import make_engine
from salesml.db.schema import migrate
from salesml.db.transactions import SqlTransactions


@dataclass(frozen=True)
class PostgresServer:
    """A server to make databases on, through its administrative database `url`."""

    url: str

    def execute(self, statement: str, *names: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def url_of(self, name: str) -> str:
        return make_url(self.url).set(database=name).render_as_string(hide_password=False)

    def create(self, template: str = "template1") -> str:
        """Name of a new database."""
        name = f"salesml_test_{uuid4().hex}"
        self.execute("CREATE DATABASE {} TEMPLATE {}", name, template)
        return name

    def drop(self, name: str) -> None:
        self.execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """`SALESML_TEST_POSTGRES_URL`, else a server started here; a machine with neither fails the test."""
    if given := os.environ.get("SALESML_TEST_POSTGRES_URL"):
        yield PostgresServer(given)
        return
    with server() as url:
        yield PostgresServer(url)


@pytest.fixture(scope="session")
def postgres_template(postgres_server: PostgresServer) -> Iterator[str]:
    name = postgres_server.create()
    _migrate(postgres_server.url_of(name))
    yield name
    postgres_server.drop(name)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def postgres_url(postgres_server: PostgresServer, postgres_template: str) -> Iterator[str]:
    """A migrated PostgreSQL database of this test's own."""
    name = postgres_server.create(postgres_template)
    yield postgres_server.url_of(name)
    postgres_server.drop(name)


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A migrated SQLite file of this test's own."""
    path = tmp_path / "salesml.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The test runs once on each engine."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without tables; of SQLite, not even the folder exists. Once on each engine."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'folder' / 'empty.db'}"
        return
    host: PostgresServer = request.getfixturevalue("postgres_server")
    name = host.create()
    yield host.url_of(name)
    host.drop(name)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    made = make_engine(database_url)
    yield made
    made.dispose()


@pytest.fixture
def tx(engine: Engine) -> SqlTransactions:
    """Transactions on a freshly migrated empty database."""
    return SqlTransactions(engine)


def _migrate(url: str) -> None:
    made = make_engine(url)
    migrate(made)
    made.dispose()

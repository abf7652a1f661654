"""Migrations: up, down and up again on both databases, by one process at a time."""

import subprocess
import sys
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, inspect, text

from salesml.core.errors import NotMigrated
from salesml.db import schema
from salesml.db.engine import make_engine, reading, sqlite_file, writing
from salesml.db.schema import check_current, downgrade, migrate
from salesml.db.tables import Row

ROOT = Path(__file__).resolve().parents[2]
NEXT = """
import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "0005"


def upgrade() -> None:
    {upgrade}
"""


@pytest.fixture
def empty(empty_url: str) -> Iterator[Engine]:
    made = make_engine(empty_url)
    yield made
    made.dispose()


def tables(engine: Engine) -> set[str]:
    with reading(engine).connect() as connection:
        return set(inspect(connection).get_table_names())


def execute(engine: Engine, statement: str) -> None:
    with writing(engine).connect() as connection:
        connection.execute(text(statement))
        connection.commit()


def scalar(engine: Engine, query: str) -> object:
    with reading(engine).connect() as connection:
        return connection.execute(text(query)).scalar()


@dataclass
class NextRevision:
    """A revision 9999 of the test's own, which the code then takes for its newest."""

    folder: Path

    def write(self, upgrade: str) -> None:
        (self.folder / "9999_next.py").write_text(NEXT.format(upgrade=upgrade.replace("\n", "\n    ")))
        schema.known_revisions.cache_clear()


@pytest.fixture
def next_revision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[NextRevision]:
    folder, original = tmp_path / "versions", schema._config
    folder.mkdir()

    def config(connection: Connection | None = None) -> Config:
        made = original(connection)
        shipped = Path(schema.__file__).parent / "migrations" / "versions"
        made.set_main_option("version_locations", f"{shipped}:{folder}")
        return made

    monkeypatch.setattr(schema, "_config", config)
    yield NextRevision(folder)
    schema.known_revisions.cache_clear()


def test_migrations_go_up_down_and_up_again(empty: Engine) -> None:
    expected = {*Row.metadata.tables, "alembic_version"}
    migrate(empty)
    assert tables(empty) == expected
    downgrade(empty, "base")
    assert tables(empty) == {"alembic_version"}
    migrate(empty)
    assert tables(empty) == expected


def test_migrating_a_current_database_changes_nothing(engine: Engine) -> None:
    execute(engine, "INSERT INTO erased (erased_at, digest) VALUES (7, 'x')")
    migrate(engine)
    assert scalar(engine, "SELECT erased_at FROM erased") == 7


def test_the_revisions_make_exactly_the_declared_tables(engine: Engine) -> None:
    with reading(engine).connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Row.metadata) == []


def test_names_are_ordered_by_byte_on_both_databases(engine: Engine) -> None:
    for number, key in enumerate(("ab", "a b", "aB", "az", "a-c")):
        execute(engine, f"INSERT INTO clients (id, search_key, created_at) VALUES ({number}, '{key}', 0)")
    with reading(engine).connect() as connection:
        keys = connection.execute(text("SELECT search_key FROM clients ORDER BY search_key")).scalars().all()
    assert keys == sorted(keys, key=str.encode)
    if engine.dialect.name == "postgresql":
        told = "SELECT collation_name FROM information_schema.columns WHERE column_name = 'search_key'"
        assert scalar(engine, told) == "C"


def test_every_constraint_has_a_name(engine: Engine) -> None:
    with reading(engine).connect() as connection:
        inspector = inspect(connection)
        for table in Row.metadata.tables:
            constraints = [
                inspector.get_pk_constraint(table),
                *inspector.get_foreign_keys(table),
                *inspector.get_unique_constraints(table),
                *inspector.get_check_constraints(table),
            ]
            assert all(constraint["name"] for constraint in constraints), table


def test_processes_that_migrate_at_the_same_time_all_succeed(empty: Engine, empty_url: str) -> None:
    program = (
        "import sys; from salesml.db.engine import make_engine; from salesml.db.schema import migrate;"
        "print('ready', flush=True); sys.stdin.readline(); migrate(make_engine(sys.argv[1]))"
    )
    arguments, pipe = [sys.executable, "-c", program, empty_url], subprocess.PIPE
    processes = [
        subprocess.Popen(arguments, stdin=pipe, stdout=pipe, stderr=pipe, text=True) for _ in range(2)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [process.communicate(timeout=60)[1] for process in processes]
    assert said == ["", ""]
    check_current(empty)


def test_migrating_makes_the_folder_and_a_file_that_only_its_owner_reads(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path}/some/folder/shop.db")
    migrate(engine)
    path = sqlite_file(engine)
    assert path is not None
    assert path.stat().st_mode & 0o777 == 0o600
    engine.dispose()


def test_a_database_without_tables_says_what_to_run(empty: Engine) -> None:
    with pytest.raises(NotMigrated, match="run: salesml migrate"):
        check_current(empty)
    path = sqlite_file(empty)
    assert path is None or not path.parent.exists()


def test_a_current_database_passes(engine: Engine) -> None:
    check_current(engine)


def test_an_older_database_says_what_to_run(engine: Engine, next_revision: NextRevision) -> None:
    next_revision.write('op.add_column("clients", sa.Column("note", sa.String()))')
    with pytest.raises(NotMigrated, match="is at revision 0005, 9999 is needed; run: salesml migrate"):
        check_current(engine)
    migrate(engine)
    check_current(engine)
    assert scalar(engine, "SELECT count(note) FROM clients") == 0


def test_a_newer_database_is_refused_by_an_older_version(engine: Engine) -> None:
    execute(engine, "UPDATE alembic_version SET version_num = '9999'")
    for function in (check_current, migrate, lambda made: downgrade(made, "base")):
        with pytest.raises(NotMigrated, match="revision 9999, which a newer salesml made"):
            function(engine)
    assert "clients" in tables(engine)


def test_nothing_is_left_of_a_migration_that_fails(engine: Engine, next_revision: NextRevision) -> None:
    next_revision.write(
        'op.create_table("half", sa.Column("id", sa.Integer()))\nraise LookupError("half way")'
    )
    with pytest.raises(LookupError, match="half way"):
        migrate(engine)
    assert "half" not in tables(engine)
    assert scalar(engine, "SELECT version_num FROM alembic_version") == "0005"


def test_rebuilding_a_table_keeps_the_rows_that_refer_to_it(
    engine: Engine, next_revision: NextRevision
) -> None:
    execute(engine, "INSERT INTO clients (id, search_key, created_at) VALUES (1, 'anna', 0)")
    execute(engine, "INSERT INTO client_ids (source, external_id, client_id) VALUES ('default', '007', 1)")
    next_revision.write(
        'with op.batch_alter_table("clients") as batch:\n'
        '    batch.alter_column("search_key", new_column_name="key")'
    )
    migrate(engine)
    named = "SELECT key FROM clients JOIN client_ids ON client_ids.client_id = clients.id"
    assert scalar(engine, named) == "anna"
    if engine.dialect.name == "sqlite":
        assert scalar(engine, "PRAGMA foreign_keys") == 1


def test_a_developer_runs_alembic_with_a_url(database_url: str) -> None:
    output = StringIO()
    named = Namespace(x=[f"url={database_url}"])
    command.check(Config(ROOT / "alembic.ini", stdout=output, cmd_opts=named))
    assert output.getvalue() == "No new upgrade operations detected.\n"


def test_alembic_without_a_url_says_how_to_name_one() -> None:
    with pytest.raises(SystemExit, match="-x url="):
        command.check(Config(ROOT / "alembic.ini"))

"""Bringing a database to the schema of this code, and telling whether it is there."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from salesml.core.errors import DatabaseUnavailable, NotMigrated
from salesml.db.engine import migrating, reading, sqlite_file
from salesml.db.errors import safe, translated

_ADVISORY_LOCK = 0x5A1E_5311
"""Only one process migrates a PostgreSQL database at a time; any constant number serves."""


def migrate(engine: Engine) -> None:
    """Bring the database to the newest revision, in one transaction; a second caller waits and finds it done.

    Makes the folder and file of a SQLite database. Raises NotMigrated for a database of a newer
    version, DatabaseUnavailable, DatabaseBusy.
    """
    _make_sqlite_file(engine)
    with _exclusive(engine) as connection:
        _refuse_newer(connection, engine)
        command.upgrade(_config(connection), "head")


def downgrade(engine: Engine, revision: str) -> None:
    """Go back to a revision; `base` removes every table and all data."""
    with _exclusive(engine) as connection:
        _refuse_newer(connection, engine)
        command.downgrade(_config(connection), revision)


def check_current(engine: Engine) -> None:
    """Raise NotMigrated unless the schema is exactly the one this code needs; changes nothing."""
    with translated(engine.url), reading(engine).connect() as connection:
        _refuse_newer(connection, engine)
        found, needed = _revision(connection), known_revisions()[0]
        if found != needed:
            state = f"is at revision {found}, {needed} is needed" if found else "has no tables of salesml"
            raise NotMigrated(f"{safe(engine.url)} {state}; run: salesml migrate")


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", "salesml.db:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


@cache
def known_revisions() -> tuple[str, ...]:
    """Of this code, the newest first; reading them takes a while, and they do not change."""
    return tuple(script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions())


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _refuse_newer(connection: Connection, engine: Engine) -> None:
    found = _revision(connection)
    if found is not None and found not in known_revisions():
        raise NotMigrated(
            f"{safe(engine.url)} is at revision {found}, which a newer salesml made; install that version"
        )


@contextmanager
def _exclusive(engine: Engine) -> Iterator[Connection]:
    with translated(engine.url), migrating(engine).connect() as connection:
        connection.detach()  # its settings must not come back into the pool
        with connection.begin():
            if engine.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
            yield connection
            if (
                engine.dialect.name == "sqlite"
                and connection.execute(text("PRAGMA foreign_key_check")).first()
            ):
                raise DatabaseUnavailable(f"{safe(engine.url)}: a row refers to one that does not exist")


def _make_sqlite_file(engine: Engine) -> None:
    path = sqlite_file(engine)
    if path is None or path.exists():
        return
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)  # an empty file is an empty database; its WAL takes over the mode
    except OSError as error:
        raise DatabaseUnavailable(f"{safe(engine.url)} cannot be made: {error}") from None

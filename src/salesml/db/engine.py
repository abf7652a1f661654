"""Engines, and how a transaction begins on each database."""

import json
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from salesml.core.errors import NotMigrated, SettingsInvalid
from salesml.db.errors import safe

BUSY_TIMEOUT_S = 30
"""How long a SQLite writer queues for the write lock; chunks are far shorter than that."""
_TRUNCATE_WAIT_MS, _TRUNCATE_TRIES = 200, 10
_POOL = {"pool_size": 8, "max_overflow": 8, "pool_timeout": 30}
_MODE = "salesml_mode"
# One writer at a time may have a cache that holds the indexes; readers are many.
_SQLITE_BEGIN = {
    "read": ("PRAGMA query_only = ON", "PRAGMA cache_size = -8192", "BEGIN"),
    # Beginning DEFERRED, a transaction that reads and then writes fails at once after another's commit.
    "write": ("PRAGMA query_only = OFF", "PRAGMA cache_size = -65536", "BEGIN IMMEDIATE"),
    # Rebuilding a table drops the old one, which with foreign keys on deletes its rows first.
    "migrate": ("PRAGMA query_only = OFF", "PRAGMA foreign_keys = OFF", "BEGIN IMMEDIATE"),
}


def make_engine(url: str) -> Engine:
    """An engine for `sqlite:///file` or `postgresql://...`; connects to nothing yet.

    Raises SettingsInvalid for any other URL. Using the engine on a SQLite file that does not exist
    raises NotMigrated: only `migrate` makes the file.
    """
    parsed = _parse(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite_engine(parsed)
    return create_engine(
        parsed, pool_pre_ping=True, json_serializer=_dump_json, hide_parameters=True, **_POOL
    )


def writing(engine: Engine) -> Engine:
    """The same pool, beginning transactions that write (IMMEDIATE on SQLite)."""
    return engine.execution_options(**{_MODE: "write"})


def reading(engine: Engine) -> Engine:
    """The same pool, beginning read-only snapshots."""
    if engine.dialect.name == "sqlite":
        return engine.execution_options(**{_MODE: "read"})
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def migrating(engine: Engine) -> Engine:
    """As `writing`, without checks of foreign keys on SQLite; detach its connection before use."""
    return engine.execution_options(**{_MODE: "migrate"})


def truncate_log(engine: Engine) -> bool:
    """Move everything from SQLite's log into its file and empty the log, so that no deleted row is left in
    it; with secure_delete the file has none either. False while a reader keeps it from happening.

    Waits briefly only: while it waits, no writer gets in. PostgreSQL clears up by its own vacuum.
    """
    if engine.dialect.name != "sqlite":
        return True
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {_TRUNCATE_WAIT_MS}")
        busy = 1
        for _ in range(_TRUNCATE_TRIES):
            busy = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            if not busy:
                break
            sleep(_TRUNCATE_WAIT_MS / 1000)
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_S * 1000}")
        return not busy
    finally:
        connection.close()


def sqlite_file(engine: Engine) -> Path | None:
    """The database file; None on PostgreSQL."""
    name = engine.url.database if engine.dialect.name == "sqlite" else None
    return Path(name).absolute() if name else None


def _parse(text: str) -> URL:
    wanted = "use sqlite:///folder/file.db or postgresql://user@host/name"
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise SettingsInvalid(f"the database URL cannot be read; {wanted}") from None
    if url.drivername in ("sqlite", "sqlite+pysqlite"):
        if url.database in (None, "", ":memory:") or url.query:
            raise SettingsInvalid(f"a SQLite database must be a plain file; {wanted}")
        return url.set(drivername="sqlite")
    if url.drivername in ("postgres", "postgresql", "postgresql+psycopg"):
        return url.set(drivername="postgresql+psycopg")
    raise SettingsInvalid(f"the database {url.drivername!r} is not supported; {wanted}")


def _sqlite_engine(url: URL) -> Engine:
    path = Path(str(url.database)).absolute()

    def connect() -> sqlite3.Connection:
        if not path.exists():
            raise NotMigrated(f"{safe(url)} does not exist; run: salesml migrate")
        return _connect_sqlite(path)

    engine = create_engine(url, creator=connect, json_serializer=_dump_json, hide_parameters=True, **_POOL)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _connect_sqlite(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"file:{quote(str(path))}?mode=rw",
        uri=True,
        timeout=BUSY_TIMEOUT_S,
        # The driver's own BEGIN knows neither IMMEDIATE nor DDL; `_begin_sqlite` begins instead.
        isolation_level=None,
        # The pool lends a connection to one thread at a time.
        check_same_thread=False,
    )
    _switch_to_wal(connection)
    for pragma in (
        # NORMAL would survive kill -9, but the last commits before a power cut would be gone.
        "synchronous = FULL",
        "foreign_keys = ON",
        "secure_delete = ON",
        # 64 MiB: an import touches the same pages of indexes again and again before they are moved.
        "wal_autocheckpoint = 16384",
    ):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    """Lasting, so work for the first connection only; two at once get "locked" without having waited."""
    last_try = monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or monotonic() > last_try:
                raise
            sleep(0.01)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    for statement in _SQLITE_BEGIN[connection.get_execution_options().get(_MODE, "write")]:
        connection.exec_driver_sql(statement)


def _dump_json(value: Any) -> str:
    # PostgreSQL refuses NaN inside JSON: so does SQLite then.
    return json.dumps(value, default=_plain, ensure_ascii=False, allow_nan=False)


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is not a JSON value")

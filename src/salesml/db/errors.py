"""What a database's own errors mean to the person who runs the product."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import adbc_driver_manager.dbapi as adbc
import psycopg
from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from salesml.core.errors import DatabaseBusy, DatabaseUnavailable, SalesmlError

_RETRY_STATES = ("40001", "40P01", "55P03")
"""serialization_failure, deadlock_detected, lock_not_available: a second try may succeed."""
_SQLITE_BROKEN = (
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_PROTOCOL,
)


@contextmanager
def translated(url: URL) -> Iterator[None]:
    """Turn "locked", "unreachable" and "broken" into core errors; every other error passes unchanged."""
    try:
        yield
    except PoolTimeout:
        raise DatabaseBusy(f"{safe(url)}: every connection is in use; try again") from None
    except adbc.Error as error:
        raise DatabaseUnavailable(f"{safe(url)}: {' '.join(str(error).split())}") from error
    # COPY and fetching in bulk use the driver's own cursor, which SQLAlchemy does not wrap.
    except (DBAPIError, sqlite3.Error, psycopg.Error) as error:
        meant = _meaning(error.orig if isinstance(error, DBAPIError) else error, url)
        if meant is None:
            raise
        raise meant from error


def safe(url: URL) -> str:
    """The address as it may be shown: the password hidden, options left out."""
    return url.set(drivername=url.get_backend_name(), query={}).render_as_string()


def _meaning(orig: BaseException | None, url: URL) -> SalesmlError | None:
    text = " ".join(str(orig).split())
    if isinstance(orig, sqlite3.Error):
        code = getattr(orig, "sqlite_errorcode", 0) & 0xFF
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return DatabaseBusy(f"{safe(url)}: another process holds the write lock; try again")
        return DatabaseUnavailable(f"{safe(url)}: {text}") if code in _SQLITE_BROKEN else None
    if isinstance(orig, psycopg.OperationalError):
        if orig.sqlstate in _RETRY_STATES:
            return DatabaseBusy(f"{safe(url)}: {text}; try again")
        return DatabaseUnavailable(f"{safe(url)}: {text}")
    return None

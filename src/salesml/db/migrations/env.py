"""Alembic runs this file: on the caller's connection, or for developers on `-x url=...`."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection
from sqlmodel import AutoString

from salesml.db.engine import make_engine, migrating
from salesml.db.tables import Row
from salesml.db.types import Instant


def _render(kind: str, item: Any, _: AutogenContext) -> str | Literal[False]:
    """Revisions name plain types only, so that they never change with the code."""
    if kind == "type" and isinstance(item, Instant):
        return "sa.BigInteger()"
    return "sa.String()" if kind == "type" and isinstance(item, AutoString) else False


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Row.metadata,
        # SQLite rebuilds a table to alter it; on PostgreSQL batches are plain ALTER statements.
        render_as_batch=True,
        transactional_ddl=True,
        render_item=_render,
    )
    with context.begin_transaction():
        context.run_migrations()


def _main() -> None:
    connection = context.config.attributes.get("connection")
    if connection is not None:
        _run(connection)
        return
    url = context.get_x_argument(as_dictionary=True).get("url")
    if not url:
        raise SystemExit("name the database: alembic -x url=sqlite:///file.db ...")
    with migrating(make_engine(url)).connect() as own:
        own.detach()
        _run(own)
        own.commit()


_main()

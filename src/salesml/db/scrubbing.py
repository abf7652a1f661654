"""Leaving nothing of what was deleted in the database's own files."""

from sqlalchemy import Engine, text

from salesml.db.engine import truncate_log

_PERSONAL = (
    "clients, client_ids, client_merges, orders, activity, client_activity, sales_predictions, "
    "purchase_predictions, client_outlooks, import_rejects, import_changes, import_reports, jobs, "
    "idempotency_keys"
)


def scrub_deeply(engine: Engine) -> bool:
    """The same; PostgreSQL vacuums every table that can hold personal data, their indexes included.

    That frees the space of deleted rows for others, and what is left of them is overwritten as it fills;
    rewriting the tables at once (VACUUM FULL) would lock everybody out for as long as it takes.
    """
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(f"VACUUM (INDEX_CLEANUP ON) {_PERSONAL}"))
    return truncate_log(engine)

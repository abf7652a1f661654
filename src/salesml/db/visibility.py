"""Which rows may be seen: none of an import that is on its way in or out; and which imports brought a row."""

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from salesml.core.imports import UNPUBLISHED
from salesml.db.tables.imports import ImportRow


def visible(session: Session, *aliases: str) -> str:
    """SQL condition that the rows of these table aliases are published, judged by their `import_id`.

    Asked anew for each question, because the same transaction may flip a state. Nearly always no
    import is on its way: then the condition is `TRUE` and costs the big tables nothing.
    """
    states = [state.value for state in UNPUBLISHED]
    hidden = session.scalars(select(col(ImportRow.id)).where(col(ImportRow.state).in_(states))).all()
    if not hidden:
        return "TRUE"
    ids = ", ".join(str(int(key)) for key in hidden if key is not None)
    return " AND ".join(
        f"({alias}.import_id IS NULL OR {alias}.import_id NOT IN ({ids}))" for alias in aliases
    )


def brought(order: str) -> str:
    """SELECT of `import_id`: every import that brought the order whose id is the expression.

    As the view `order_imports` has it, which SQLite would build whole before joining it.
    """
    return (
        f"SELECT f.import_id FROM orders AS f WHERE f.id = {order} AND f.import_id IS NOT NULL "
        f"UNION ALL SELECT r.import_id FROM order_repeats AS r WHERE r.order_pk = {order}"
    )

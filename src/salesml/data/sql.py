"""Small pieces of generated DuckDB SQL."""

from collections.abc import Iterable, Mapping

Step = Mapping[str, str]
"""New columns by name, each an expression over the columns of earlier steps."""


def pipeline(table: str, steps: Iterable[Step]) -> str:
    """A query that adds the columns of each step in turn, every expression evaluated once."""
    query = table
    for step in steps:
        added = ", ".join(f"{expression} AS {name}" for name, expression in step.items())
        query = f"(SELECT *, {added} FROM {query})"
    return query


def quoted(text: str) -> str:
    """A text constant."""
    return "'" + text.replace("'", "''") + "'"

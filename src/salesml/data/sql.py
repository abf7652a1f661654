"""Small pieces of generated DuckDB SQL."""

from collections.abc import Iterable, Mapping

SPACE = "' ' || chr(9) || chr(10) || chr(13) || chr(160)"

Step = Mapping[str, str]
"""New columns by name, each an expression over the columns of earlier steps."""


def pipeline(table: str, steps: Iterable[Step]) -> str:
    """A query that adds the columns of each step in turn, every expression evaluated once."""
    query = table
    for step in steps:
        added = ", ".join(f"{expression} AS {name}" for name, expression in step.items())
        query = f"(SELECT *, {added} FROM {query})"
    return query


def cleaned(column: str) -> str:
    """Text without outer white space; NULL when nothing is left."""
    return f"nullif(trim({column}, {SPACE}), '')"


def quoted(text: str) -> str:
    """A text constant."""
    return "'" + text.replace("'", "''") + "'"

"""Markdown by hand: what people typed cannot become markup, or break a table."""

import re
from collections.abc import Sequence

_MARKUP = re.compile(r"([\\`*_\[\]<>|#])")


def text(value: object) -> str:
    """Words as they are, on one line."""
    return _MARKUP.sub(r"\\\1", " ".join(str(value).split()))


def code(value: object) -> str:
    """An identifier in a fixed width; a backtick in it would end it."""
    return f"`{' '.join(str(value).split()).replace('`', '')}`"


def table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The first column to the left, the others, which hold figures, to the right. Cells come escaped."""
    lines = [titles, ["---", *["---:"] * (len(titles) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def bullets(lines: Sequence[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)

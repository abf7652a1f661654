"""Foreign databases as a source of rows: what is asked of one, and how far it has been read."""

import hashlib
import re
from dataclasses import dataclass, field

from salesml.core.errors import InvalidValue
from salesml.core.imports import ImportKind

PLACEHOLDER = re.compile(r"(?<!:):watermark\b")
"""Where a query wants the watermark; `::watermark` would be a cast."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


@dataclass(frozen=True, kw_only=True)
class Question:
    """A query of a foreign database. With a `watermark`, a column of its answer, only rows from the largest
    value read so far on are asked for; `since` is where to begin instead."""

    query: str
    watermark: str | None = None
    since: str | None = None

    def __post_init__(self) -> None:
        if not self.query.strip().rstrip(";").strip():
            raise InvalidValue("query", "is empty")
        if self.watermark is None and (self.since is not None or PLACEHOLDER.search(self.query)):
            raise InvalidValue("watermark", "names the column of :watermark, or of what to begin since")


@dataclass(frozen=True, kw_only=True)
class Position:
    """How far a question has been read: `value` as JSON, a number or a text; None when it has no watermark,
    or no row had one."""

    key: str
    value: str | None


@dataclass(frozen=True, kw_only=True)
class Moved:
    """A position that an import moved on from `before`; None where it was the first."""

    key: str
    before: str | None = None


@dataclass(frozen=True, kw_only=True)
class Extract:
    """What came of a question: number of rows, and the largest value of the watermark column as JSON, None
    without one."""

    rows: int
    newest: str | None


@dataclass(frozen=True, kw_only=True)
class Connection:
    """A foreign database by the name that settings give it. Its address may hold a password."""

    name: str
    address: str = field(repr=False)


def is_name(text: str) -> bool:
    """Whether a text can be the name of a connection, rather than an address or a path."""
    return _NAME.fullmatch(text) is not None


def position_key(kind: ImportKind, source: str, connection: str, question: Question) -> str:
    """What a position is kept under: another query or column begins anew. `connection` is a name, or an
    address without its password."""
    told = f"{connection}\0{question.query.strip()}\0{question.watermark}"
    return f"{kind.value}:{source}:{hashlib.sha256(told.encode()).hexdigest()[:32]}"

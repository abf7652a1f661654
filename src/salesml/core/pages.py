"""Pages of long lists: what one holds, and the cursor that says where the next one begins.

A cursor names the last row of a page by its sort key (keyset pagination; Winand, "No Offset", 2013), so
that a page far down costs what the first one costs, and rows that come or go meanwhile shift nothing.
"""

import base64
import binascii
import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from salesml.core.errors import InvalidCursor, InvalidValue

T = TypeVar("T")
DEFAULT_LIMIT, MAX_LIMIT = 50, 200
COUNT_CAP = 10_000
"""Rows are counted up to here: beyond, nobody reads the number, and counting on costs more than the page."""
_DIGEST_BYTES = 9
_MAX_CURSOR = 2_000
_MAX_INT = 2**63 - 1
REFUSED = "the cursor is not one of this list with these filters; start from the first page"
CursorValue = str | int | float | None


@dataclass(frozen=True, kw_only=True)
class Page(Generic[T]):
    """`next_cursor` is None on the last page. `total` is None where it is not counted; with
    `total_is_capped` there are more rows than `total` says."""

    items: tuple[T, ...]
    next_cursor: str | None
    total: int | None = None
    total_is_capped: bool = False


def check_limit(limit: int) -> int:
    """The limit itself. Raises InvalidValue."""
    if not 1 <= limit <= MAX_LIMIT:
        raise InvalidValue("limit", f"must be from 1 to {MAX_LIMIT}")
    return limit


def encode_cursor(scope: str, values: Sequence[CursorValue]) -> str:
    """An opaque text for addresses. `scope` names the list with its order and filters: the cursor is good
    for the same one only."""
    payload = json.dumps(list(values), ensure_ascii=False, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_digest(scope, payload) + payload).rstrip(b"=").decode()


def decode_cursor(scope: str, cursor: str, kinds: Sequence[tuple[type, ...]]) -> tuple[CursorValue, ...]:
    """The values of a cursor, each of exactly one of its types. Raises InvalidCursor for any other text.

    The digest finds changes and mix-ups; it needs no secret, because a cursor opens nothing: it is a
    position in a list that its reader may read, and its values are checked as any input is.
    """
    values = _values(scope, cursor)
    if len(values) != len(kinds):
        raise _refused()
    for value, allowed in zip(values, kinds, strict=True):
        if type(value) not in allowed or not _is_sound(value):
            raise _refused()
    return values


def _values(scope: str, cursor: str) -> tuple[CursorValue, ...]:
    try:
        if len(cursor) > _MAX_CURSOR or not cursor.isascii():
            raise _refused()
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        digest, payload = raw[:_DIGEST_BYTES], raw[_DIGEST_BYTES:]
        values = json.loads(payload)
    except (binascii.Error, ValueError):
        raise _refused() from None
    if digest != _digest(scope, payload) or not isinstance(values, list):
        raise _refused()
    return tuple(values)


def _is_sound(value: CursorValue) -> bool:
    if isinstance(value, int):
        return abs(value) <= _MAX_INT
    if isinstance(value, float):
        return math.isfinite(value)
    return value is None or not any(char == "\0" or "\ud800" <= char <= "\udfff" for char in value)


def _digest(scope: str, payload: bytes) -> bytes:
    return hashlib.sha256(scope.encode() + b"\0" + payload).digest()[:_DIGEST_BYTES]


def _refused() -> InvalidCursor:
    return InvalidCursor(REFUSED)

"""Lists that are read page by page, the newest first."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from salesml.core.pages import Page, check_limit, decode_cursor, encode_cursor

T = TypeVar("T")


def newest_first(
    scope: str,
    fetch: Callable[[int, int | None], Sequence[T]],
    id_of: Callable[[T], int],
    *,
    limit: int,
    cursor: str | None,
) -> Page[T]:
    """A page of rows with falling ids. `fetch(limit, before_id)` reads them; `scope` names the list and
    its filters. Raises InvalidValue for the limit, InvalidCursor."""
    before = None if cursor is None else int(str(decode_cursor(scope, cursor, ((int,),))[0]))
    # One more than asked tells whether another page follows.
    found = fetch(check_limit(limit) + 1, before)
    items = tuple(found[:limit])
    more = len(found) > limit
    return Page(items=items, next_cursor=encode_cursor(scope, (id_of(items[-1]),)) if more else None)


def newest_first_at(
    scope: str,
    fetch: Callable[[int, tuple[int, int] | None], Sequence[tuple[tuple[int, int], T]]],
    *,
    limit: int,
    cursor: str | None,
) -> Page[T]:
    """A page of rows with falling positions of two numbers. `fetch(limit, before)` reads them with their
    positions. Raises InvalidValue for the limit, InvalidCursor."""
    before = None
    if cursor is not None:
        first, second = decode_cursor(scope, cursor, ((int,), (int,)))
        before = int(str(first)), int(str(second))
    found = fetch(check_limit(limit) + 1, before)
    shown, more = found[:limit], len(found) > limit
    return Page(
        items=tuple(row for _, row in shown),
        next_cursor=encode_cursor(scope, shown[-1][0]) if more else None,
    )

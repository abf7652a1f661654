"""Waiting for a condition, never for luck."""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import TypeVar

T = TypeVar("T")
PATIENCE_S = 90.0


async def until(look: Callable[[], Awaitable[T]], good: Callable[[T], bool]) -> float:
    """Look again and again until it is good; answers how many seconds that took. Fails after PATIENCE_S."""
    begun = monotonic()
    while not good(seen := await look()):
        assert monotonic() - begun < PATIENCE_S, f"still {seen!r} after {PATIENCE_S} s"
        await asyncio.sleep(0.05)
    return monotonic() - begun

"""Erasing a client from tables, logs of the database and files."""

from collections.abc import Mapping
from datetime import UTC, datetime

from fastapi.concurrency import run_in_threadpool

from salesml.http.state import HttpState
from salesml.jobs import leftovers
from salesml.services import erasure


async def erase(state: HttpState, client_id: int, *, actor: str) -> Mapping[str, int]:
    """Erase a client for good; answers the number of rows by table. Raises NotFound."""
    removed = await state.tx.run(erasure.erase, client_id, actor=actor, now=datetime.now(UTC))
    await run_in_threadpool(leftovers.remove, state.app)
    await state.tx.scrub(deeply=True)
    return removed

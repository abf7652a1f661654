"""Clients who may be one person: proposals, merging, undoing, "not the same"."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query

from salesml.api.dependencies import AnyUser, RowId, Tx
from salesml.api.schemas.merges import (
    ApartIn,
    DuplicatesPage,
    MergeIn,
    MergeOut,
    MergesOut,
    UnmergedOut,
)
from salesml.api.schemas.pages import Cursor, Limit
from salesml.core.pages import DEFAULT_LIMIT
from salesml.services import merges

router = APIRouter(tags=["merges"])
OfClient = Annotated[int, Query(ge=1, le=2**63 - 1, description="what was merged into this client")]


@router.get("/duplicates")
async def list_duplicates(tx: Tx, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> DuplicatesPage:
    """Clients with the same e-mail address, by address, but for those that were called two people."""
    page, currency = await tx.read(merges.duplicates, limit=limit, cursor=cursor)
    return DuplicatesPage.of(page, currency)


@router.post("/duplicates/not-the-same", status_code=204)
async def keep_apart(body: ApartIn, tx: Tx, user: AnyUser) -> None:
    """Remember that these are different people, and propose them no more."""
    chosen = [int(each) for each in body.client_ids]
    await tx.run(merges.keep_apart, chosen, actor=user.email, now=datetime.now(UTC))


@router.post("/merges", status_code=201)
async def merge_clients(body: MergeIn, tx: Tx, user: AnyUser) -> MergesOut:
    """Make clients one: ids, orders and activity of the others become the first one's, which gets what it
    lacks. Each merge can be undone."""
    done = await tx.run(
        merges.merge,
        int(body.client_id),
        [int(each) for each in body.others],
        actor=user.email,
        now=datetime.now(UTC),
    )
    return MergesOut(items=[MergeOut.of(one) for one in done])


@router.get("/merges")
async def list_merges(client_id: OfClient, tx: Tx) -> MergesOut:
    """What was merged into a client, the newest first."""
    return MergesOut(items=[MergeOut.of(one) for one in await tx.read(merges.of_client, client_id)])


@router.post("/merges/{merge_id}/undo")
async def undo_merge(merge_id: RowId, tx: Tx, user: AnyUser) -> UnmergedOut:
    """Make a merged client one of its own again, with what came for its ids meanwhile."""
    restored = await tx.run(merges.undo, merge_id, actor=user.email, now=datetime.now(UTC))
    return UnmergedOut(client_id=str(restored))

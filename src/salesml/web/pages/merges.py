"""Possible duplicates: proposed, merged, taken apart again, or called different people."""

from collections.abc import Sequence
from datetime import UTC, datetime

from fastapi import APIRouter, Request
from starlette.responses import Response

from salesml.core.errors import InvalidCursor, InvalidValue
from salesml.core.merges import DuplicateGroup
from salesml.core.pages import Page
from salesml.services import merges
from salesml.web.visits import Member, RowId, SignedIn

router = APIRouter(include_in_schema=False, prefix="/clients")
PATH = "/clients/duplicates"
PER_PAGE = 10


@router.get("/duplicates")
async def show(visit: Member, cursor: str | None = None) -> Response:
    """Clients with the same e-mail address, group by group."""
    try:
        page, _ = await visit.tx.read(merges.duplicates, limit=PER_PAGE, cursor=cursor)
    except InvalidCursor:
        return visit.go(PATH)
    return _page(visit, page, cursor)


@router.post("/duplicates/merge")
async def merge(visit: Member, request: Request) -> Response:
    """Make the chosen clients of a group part of the one that stays."""
    form = await request.form()
    keep, chosen = str(form.get("keep", "")), _ids(form.getlist("include"))
    if not keep.isdecimal():
        return visit.go(PATH, "merge_needs_two")
    others = [each for each in chosen if each != int(keep)]
    try:
        await visit.tx.run(merges.merge, int(keep), others, actor=visit.user.email, now=datetime.now(UTC))
    except InvalidValue:
        return visit.go(PATH, "merge_needs_two")
    return visit.go(f"/clients/{keep}", "clients_merged")


@router.post("/duplicates/apart")
async def keep_apart(visit: Member, request: Request) -> Response:
    """Propose these clients no more."""
    chosen = _ids((await request.form()).getlist("include"))
    try:
        await visit.tx.run(merges.keep_apart, chosen, actor=visit.user.email, now=datetime.now(UTC))
    except InvalidValue:
        return visit.go(PATH, "merge_needs_two")
    return visit.go(PATH, "kept_apart")


@router.post("/merges/{merge_id}/undo")
async def undo(visit: Member, merge_id: RowId) -> Response:
    """Make a merged client one of its own again."""
    restored = await visit.tx.run(merges.undo, merge_id, actor=visit.user.email, now=datetime.now(UTC))
    return visit.go(f"/clients/{restored}", "merge_undone")


def _ids(values: Sequence[object]) -> list[int]:
    return [int(value) for value in values if isinstance(value, str) and value.isdecimal()]


def _page(visit: SignedIn, page: Page[DuplicateGroup], cursor: str | None) -> Response:
    return visit.page("clients/duplicates.html", page=page, is_first=cursor is None, here_path=PATH)

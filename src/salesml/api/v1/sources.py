"""Foreign databases that the settings of the server name; for administrators."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Response

from salesml.api.dependencies import AdminUser, State
from salesml.api.schemas.jobs import JobOut
from salesml.api.schemas.sources import SourceImportIn, SourceOut, SourcesOut
from salesml.api.v1.jobs import accepted
from salesml.core.errors import NotFound
from salesml.services import import_requests

router = APIRouter(prefix="/sources", tags=["sources"])


@router.get("")
async def list_sources(state: State) -> SourcesOut:
    """The databases that can be read, by name."""
    names = sorted(state.app.settings.sources)
    return SourcesOut(items=[SourceOut(name=name) for name in names], total=len(names))


@router.post("/{name}/imports", status_code=202)
async def import_rows(
    name: Annotated[str, Path(max_length=64, examples=["shop"])],
    body: SourceImportIn,
    response: Response,
    admin: AdminUser,
    state: State,
) -> JobOut:
    """Import the answer of a query in the background; the database is only read. What recurs is better made
    a schedule."""
    known = state.app.settings.sources.keys()
    if name not in known:
        raise NotFound(f"there is no source {name}")
    request = body.request(name).checked(known)
    job = await state.tx.run(import_requests.import_rows, request, actor=admin.email, now=datetime.now(UTC))
    return accepted(response, job)

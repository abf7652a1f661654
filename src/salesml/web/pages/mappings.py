"""Saved mappings on the page of imports: forgetting one."""

from contextlib import suppress
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import Response

from salesml.core.errors import NotFound
from salesml.services import mappings
from salesml.web.visits import Member

router = APIRouter(include_in_schema=False, prefix="/imports/mappings")


@router.post("/delete")
async def delete(visit: Member, name: Annotated[str, Form()] = "") -> Response:
    """Forget a saved mapping; one that somebody else has forgotten meanwhile is gone as well."""
    with suppress(NotFound):
        await visit.tx.run(mappings.delete, name, actor=visit.user.email, now=datetime.now(UTC))
    return visit.go("/imports", "mapping_deleted", name=name)

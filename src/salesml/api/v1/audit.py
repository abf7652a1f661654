"""Who did what; for administrators."""

from fastapi import APIRouter

from salesml.api.dependencies import Tx
from salesml.api.schemas.audit import AuditEventOut, AuditPage
from salesml.api.schemas.pages import Cursor, Limit
from salesml.core.pages import DEFAULT_LIMIT
from salesml.services import audit

router = APIRouter(prefix="/audit", tags=["audit"])


@router.get("")
async def list_events(tx: Tx, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> AuditPage:
    """The newest first."""
    page = await tx.read(audit.page, limit=limit, cursor=cursor)
    return AuditPage(items=[AuditEventOut.of(each) for each in page.items], next_cursor=page.next_cursor)

"""The audit trail, read."""

from salesml.core.audit import AuditEvent
from salesml.core.pages import DEFAULT_LIMIT, Page
from salesml.services.paging import newest_first
from salesml.services.ports.unit_of_work import UnitOfWork


def page(uow: UnitOfWork, *, limit: int = DEFAULT_LIMIT, cursor: str | None = None) -> Page[AuditEvent]:
    """What was done, the newest first. Raises InvalidValue, InvalidCursor."""
    return newest_first("audit", uow.audit.latest, lambda event: event.id, limit=limit, cursor=cursor)

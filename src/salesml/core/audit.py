"""Who did what, without personal data of clients."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class AuditEvent:
    """`actor` is a user's e-mail, or `cli:<login>`; `subject` names what it was done to."""

    id: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: Mapping[str, object]

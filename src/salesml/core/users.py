"""Who may use the product."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from salesml.core.errors import InvalidValue

MIN_PASSWORD, MAX_PASSWORD = 8, 1024


class UserRole(StrEnum):
    """Analysts read and export; administrators also train, promote and manage users."""

    ADMIN = "admin"
    ANALYST = "analyst"


@dataclass(frozen=True, kw_only=True)
class User:
    """`revision` grows with every change of role, password or activity, and ends what was issued before;
    `language` is what the pages speak to this user, None while the browser decides."""

    id: int
    email: str
    role: UserRole
    is_active: bool
    created_at: datetime
    revision: int = 1
    language: str | None = None


def clean_email(text: str) -> str:
    """The address as it is stored and compared: trimmed and lower-cased. Raises InvalidValue."""
    email = text.strip().lower()
    if (
        len(email) > 254
        or not email.isprintable()
        or not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+|[^@\s]+@localhost", email)
    ):
        raise InvalidValue("email", "is not an e-mail address")
    return email


def check_password(text: str) -> str:
    """The password unchanged, if its length is allowed; no rule on its characters (NIST SP 800-63B)."""
    if not MIN_PASSWORD <= len(text) <= MAX_PASSWORD:
        raise InvalidValue("password", f"must have {MIN_PASSWORD} to {MAX_PASSWORD} characters")
    return text

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
    id: int
    email: str
    role: UserRole
    is_active: bool
    created_at: datetime


def clean_email(text: str) -> str:
    """The address as it is stored and compared: trimmed and lower-cased. Raises InvalidValue."""
    email = text.strip().lower()
    if len(email) > 254 or not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+|[^@\s]+@localhost", email):
        raise InvalidValue("email", "is not an e-mail address")
    return email


def check_password(text: str) -> str:
    """The password unchanged, if its length is allowed; no rule on its characters (NIST SP 800-63B)."""
    if not MIN_PASSWORD <= len(text) <= MAX_PASSWORD:
        raise InvalidValue("password", f"must have {MIN_PASSWORD} to {MAX_PASSWORD} characters")
    return text

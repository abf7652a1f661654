"""Logged-in browsers and scripts. What they carry is kept only as a digest."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

IDLE = timedelta(days=7)
"""A browser's session that was not used for so long is over."""
ABSOLUTE = timedelta(days=30)
"""Nobody stays logged in for longer, however busy."""
ACCESS_LIFETIME = timedelta(minutes=10)
REFRESH_LIFETIME = ABSOLUTE
"""Of a whole family of refresh tokens: a rotated one inherits the end of its predecessor."""


@dataclass(frozen=True, kw_only=True)
class Session:
    """A browser's session; `seen_at` moves with use, `expires_at` does not."""

    digest: bytes
    user_id: int
    created_at: datetime
    seen_at: datetime
    expires_at: datetime

    def is_over(self, now: datetime) -> bool:
        return now >= min(self.expires_at, self.seen_at + IDLE)


@dataclass(frozen=True, kw_only=True)
class RefreshToken:
    """Good for one use; `family` is the login that it descends from."""

    digest: bytes
    family: str
    user_id: int
    issued_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    revoked_at: datetime | None = None


def new_secret() -> str:
    """What a browser or script carries: 256 bits at random."""
    return secrets.token_urlsafe(32)


def digest_of(secret: str) -> bytes:
    """What is stored of it. A plain hash suffices: 256 random bits cannot be guessed."""
    return hashlib.sha256(secret.encode()).digest()

"""Refresh tokens of scripts."""

from datetime import datetime
from typing import Protocol

from salesml.core.sessions import RefreshToken


class RefreshTokenRepository(Protocol):
    def add(self, token: RefreshToken) -> None: ...

    def find(self, digest: bytes) -> RefreshToken | None: ...

    def use(self, digest: bytes, now: datetime) -> bool:
        """Mark it used; False when it was used or revoked already, also by somebody at the same moment."""

    def revoke_family(self, family: str, now: datetime) -> None: ...

    def revoke_of_user(self, user_id: int, now: datetime) -> None: ...

    def revoked_families(self, user_id: int, since: datetime) -> frozenset[str]:
        """Families of the user that were revoked at or after `since`."""

    def remove_expired(self, before: datetime) -> None: ...

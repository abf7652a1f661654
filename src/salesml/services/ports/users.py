"""Users."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from salesml.core.users import User, UserRole


class UserRepository(Protocol):
    def add(self, *, email: str, role: UserRole, password_hash: str, now: datetime) -> User:
        """Raises AlreadyExists."""

    def get(self, user_id: int) -> User:
        """Raises NotFound."""

    def find(self, email: str) -> User | None: ...

    def list(self) -> Sequence[User]:
        """All users, by e-mail."""

    def set_active(self, user_id: int, active: bool) -> None:
        """Raises the revision, as the two below do. Raises NotFound."""

    def set_role(self, user_id: int, role: UserRole) -> None: ...

    def set_password_hash(self, user_id: int, password_hash: str) -> None: ...

    def renew_password_hash(self, user_id: int, password_hash: str) -> None:
        """The same password under other costs; the revision stays. Raises NotFound."""

    def set_language(self, user_id: int, language: str | None) -> None:
        """What the pages speak to this user; the revision stays. Raises NotFound."""

    def password_hash(self, user_id: int) -> str: ...

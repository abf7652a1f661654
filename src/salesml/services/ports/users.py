"""Users."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from salesml.core.users import User, UserRole


class UserRepository(Protocol):
    def add(self, *, email: str, role: UserRole, password_hash: str, now: datetime) -> User:
        """Raises AlreadyExists."""

    def find(self, email: str) -> User | None: ...

    def list(self) -> Sequence[User]:
        """All users, by e-mail."""

    def set_active(self, user_id: int, active: bool) -> None: ...

    def password_hash(self, user_id: int) -> str: ...

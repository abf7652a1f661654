"""Users."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import RowMapping, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlmodel import col

from salesml.core.errors import AlreadyExists, NotFound
from salesml.core.users import User, UserRole
from salesml.db.tables import UserRow


class SqlUserRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, *, email: str, role: UserRole, password_hash: str, now: datetime) -> User:
        """Raises AlreadyExists."""
        new = insert(UserRow).values(
            email=email, role=role.value, password_hash=password_hash, is_active=True, created_at=now
        )
        try:
            with self._session.begin_nested():
                row = self._session.execute(new.returning(*_USERS.selected_columns)).mappings().one()
        except IntegrityError:
            raise AlreadyExists(f"there is a user {email} already") from None
        return _user(row)

    def get(self, user_id: int) -> User:
        """Raises NotFound."""
        row = self._session.execute(_USERS.where(col(UserRow.id) == user_id)).mappings().first()
        if row is None:
            raise NotFound(f"there is no user {user_id}")
        return _user(row)

    def find(self, email: str) -> User | None:
        row = self._session.execute(_USERS.where(col(UserRow.email) == email)).mappings().first()
        return None if row is None else _user(row)

    def list(self) -> Sequence[User]:
        """All users, by e-mail."""
        rows = self._session.execute(_USERS.order_by(col(UserRow.email))).mappings()
        return [_user(row) for row in rows]

    def set_active(self, user_id: int, active: bool) -> None:
        """Raises the revision, as the two below do. Raises NotFound."""
        self._change(user_id, is_active=active, revision=col(UserRow.revision) + 1)

    def set_role(self, user_id: int, role: UserRole) -> None:
        self._change(user_id, role=role.value, revision=col(UserRow.revision) + 1)

    def set_password_hash(self, user_id: int, password_hash: str) -> None:
        self._change(user_id, password_hash=password_hash, revision=col(UserRow.revision) + 1)

    def renew_password_hash(self, user_id: int, password_hash: str) -> None:
        """The same password under other costs; the revision stays. Raises NotFound."""
        self._change(user_id, password_hash=password_hash)

    def set_language(self, user_id: int, language: str | None) -> None:
        """What the pages speak to this user; the revision stays. Raises NotFound."""
        self._change(user_id, language=language)

    def password_hash(self, user_id: int) -> str:
        """Raises NotFound."""
        found = select(col(UserRow.password_hash)).where(col(UserRow.id) == user_id)
        value = self._session.execute(found).scalar_one_or_none()
        if value is None:
            raise NotFound(f"there is no user {user_id}")
        return value

    def _change(self, user_id: int, **values: object) -> None:
        change = update(UserRow).where(col(UserRow.id) == user_id).values(**values)
        if self._session.execute(change.returning(col(UserRow.id))).first() is None:
            raise NotFound(f"there is no user {user_id}")


_USERS = select(
    col(UserRow.id),
    col(UserRow.email),
    col(UserRow.role),
    col(UserRow.is_active),
    col(UserRow.created_at),
    col(UserRow.revision),
    col(UserRow.language),
)


def _user(row: RowMapping) -> User:
    return User(**{**row, "role": UserRole(row["role"])})

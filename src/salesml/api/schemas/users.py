"""Users."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import ConfigDict, Field

from salesml.core.users import User, UserRole
from salesml.http.schemas.base import In, Out

# Lengths are checked by the use case, which names the rule; the bound here is for what is no password.
Password = Annotated[str, Field(max_length=4096, examples=["correct horse battery staple"])]


class UserIn(In):
    email: str = Field(max_length=254, examples=["ewa@shop.example"])
    role: UserRole = Field(examples=["analyst"])
    password: Password


class UserChangeIn(In):
    """What is left out, or null, stays as it is."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"role": "admin", "is_active": True}]})

    role: UserRole | None = None
    is_active: bool | None = None
    password: Password | None = None


class UserOut(Out):
    id: str
    email: str
    role: UserRole
    is_active: bool
    language: str | None
    created_at: datetime

    @classmethod
    def of(cls, user: User) -> Self:
        return cls(
            id=str(user.id),
            email=user.email,
            role=user.role,
            is_active=user.is_active,
            language=user.language,
            created_at=user.created_at,
        )


class UsersOut(Out):
    """All of them: nobody has so many users that a list of them needs pages."""

    items: list[UserOut]
    next_cursor: None = None
    total: int

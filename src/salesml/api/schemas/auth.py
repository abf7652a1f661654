"""Tokens, and who one is."""

from typing import Literal

from pydantic import Field

from salesml.api.schemas.base import In, Out
from salesml.core.users import UserRole


class RefreshIn(In):
    refresh_token: str = Field(max_length=200, examples=["uFzqM0b1n6o0pIuK1yq3yWcV0m1Zt2yq0Q8rVh3kL5s"])


class TokensOut(Out):
    """As RFC 6749, 5.1 names them; `expires_in` is seconds."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - the name of a kind
    expires_in: int
    refresh_token: str


class MeOut(Out):
    id: str
    email: str
    role: UserRole
    language: str | None

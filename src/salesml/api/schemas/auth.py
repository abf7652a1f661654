"""Tokens, and who one is."""

from typing import Literal

from pydantic import Field

from salesml.api.schemas.users import Password
from salesml.core.users import UserRole
from salesml.http.schemas.base import In, Out


class LoginIn(In):
    """The form of the OAuth2 password flow (RFC 6749, 4.3.2); what is optional there is read and ignored."""

    username: str = Field(max_length=254, description="The e-mail address.", examples=["admin@shop.example"])
    password: Password
    grant_type: Literal["password"] = "password"
    scope: str = Field("", max_length=200)
    client_id: str | None = Field(None, max_length=200)
    client_secret: str | None = Field(None, max_length=200)


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

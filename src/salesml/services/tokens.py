"""Access tokens of scripts: JWT (RFC 7519, RFC 8725) by python-jose, in this module alone.

HS256 only, from a constant list; every registered claim is required, since python-jose lets a token
without `aud` or `iss` pass unless told otherwise.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jose import jwt
from jose.exceptions import JOSEError

from salesml.core.errors import NotAuthenticated
from salesml.core.sessions import ACCESS_LIFETIME
from salesml.core.users import User

_ALGORITHM = "HS256"
_ALGORITHMS = ("HS256",)
_AUDIENCE = "salesml-api"
_TYPE = "access"
_REQUIRED = {f"require_{claim}": True for claim in ("aud", "iat", "exp", "nbf", "iss", "sub", "jti")}
_MIN_KEY_BYTES = 32


@dataclass(frozen=True, kw_only=True)
class AccessClaims:
    """Whose token it is: `revision` of the user, and the `family` of refresh tokens, at its issue."""

    user_id: int
    revision: int
    family: str


class AccessTokens:
    """Issues and reads the access tokens of one installation."""

    def __init__(self, key: bytes, *, installation_id: str) -> None:
        """Raises ValueError for a key of less than 32 bytes, which HS256 would silently take."""
        if len(key) < _MIN_KEY_BYTES:
            raise ValueError(f"a key of {len(key)} bytes is too short")
        self._key = key
        self._issuer = f"salesml:{installation_id}"

    def issue(self, user: User, family: str, now: datetime) -> str:
        """A token that is good from now on, for ACCESS_LIFETIME."""
        claims = {
            "exp": now + ACCESS_LIFETIME,
            "iat": now,
            "nbf": now,
            "sub": str(user.id),
            "aud": _AUDIENCE,
            "iss": self._issuer,
            "jti": uuid.uuid4().hex,
            "typ": _TYPE,
            "rev": user.revision,
            "fam": family,
        }
        return str(jwt.encode(claims, self._key, algorithm=_ALGORITHM))

    def read(self, token: str) -> AccessClaims:
        """What a token says that is ours, unchanged, and good now. Raises NotAuthenticated."""
        try:
            claims = jwt.decode(
                token,
                self._key,
                algorithms=_ALGORITHMS,
                audience=_AUDIENCE,
                issuer=self._issuer,
                options=_REQUIRED,
            )
            return _access_claims(claims)
        # python-jose lets some errors of malformed input through as they are.
        except (JOSEError, ValueError, TypeError, KeyError, AttributeError):
            raise NotAuthenticated("the access token is not valid, or no longer") from None


def _access_claims(claims: Mapping[str, Any]) -> AccessClaims:
    if claims["typ"] != _TYPE or claims["aud"] != _AUDIENCE:
        raise ValueError("another kind of token")
    return AccessClaims(user_id=int(claims["sub"]), revision=int(claims["rev"]), family=str(claims["fam"]))

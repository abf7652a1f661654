"""Requests that may be sent again without being done again."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from salesml.core.errors import InvalidValue

KEPT_FOR = timedelta(hours=24)
"""How long an answer is given again; after that, its key is as good as new."""
MAX_KEY_LENGTH = 255


@dataclass(frozen=True, kw_only=True)
class KeyedRequest:
    """What a user sent under a key; `digest` tells it from anything else that was ever sent."""

    user_id: int
    key: str
    digest: bytes

    def __post_init__(self) -> None:
        if not 1 <= len(self.key) <= MAX_KEY_LENGTH or not (self.key.isascii() and self.key.isprintable()):
            raise InvalidValue(
                "Idempotency-Key", f"must have 1 to {MAX_KEY_LENGTH} printable characters of ASCII"
            )


@dataclass(frozen=True, kw_only=True)
class KeptAnswer:
    """What the first request under a key was answered, and the digest of that request."""

    digest: bytes
    status: int
    document: Mapping[str, object]


def digest_of(target: str, body: bytes) -> bytes:
    """Of a request: where it went, query included, and every byte of its body."""
    return hashlib.sha256(target.encode() + b"\0" + body).digest()

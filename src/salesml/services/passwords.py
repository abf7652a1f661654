"""Passwords as argon2id hashes, by passlib (its maintained distribution, libpass).

The cost parameters are passlib's defaults (64 MiB, 3 passes, 4 lanes), above the least that the OWASP
Password Storage Cheat Sheet asks for argon2id (19 MiB, 2 passes, 1 lane). Argon2 reads the whole
password: nothing is cut off, unlike bcrypt's 72 bytes.
"""

import secrets

from passlib.context import CryptContext
from passlib.exc import UnknownHashError

_CONTEXT = CryptContext(schemes=["argon2"], argon2__type="ID")

_READABLE = "abcdefghjkmnpqrstuvwxyz23456789"
"""Lower case and digits without those that look alike: 31 characters, 4.95 bits each."""
_GROUPS, _GROUP_LENGTH = 4, 5


def hash_password(password: str) -> str:
    """The hash to store: algorithm, costs, a new salt and digest in one text. Takes about 0.1 s of CPU."""
    return str(_CONTEXT.hash(password))


def verify_password(password: str, hashed: str) -> bool:
    """Whether the password is the one that was hashed; False for a text that is no such hash."""
    try:
        return bool(_CONTEXT.verify(password, hashed))
    except (UnknownHashError, ValueError):
        return False


def needs_rehash(hashed: str) -> bool:
    """Whether the hash was made with other costs than today's, and should be made anew at the next login."""
    return bool(_CONTEXT.needs_update(hashed))


def generate_password() -> str:
    """A one-time password that can be read out, such as `k7m2p-xw9df-3hq8t-vn4rz`: 99 bits at random."""
    groups = ("".join(secrets.choice(_READABLE) for _ in range(_GROUP_LENGTH)) for _ in range(_GROUPS))
    return "-".join(groups)

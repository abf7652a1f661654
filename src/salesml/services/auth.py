"""Logging in, and what a login leaves behind: sessions of browsers, token families of scripts.

A refresh token is good for one use and replaced by the next of its family; when one comes back a second
time, somebody else has a copy, and the whole family ends (RFC 9700, 4.14.2).
"""

import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from salesml.core.errors import InvalidValue, LoginRefused, NotAuthenticated, NotFound, TooManyAttempts
from salesml.core.login_attempts import LONGEST_WINDOW, limits_of, wait_s
from salesml.core.sessions import (
    ABSOLUTE,
    ACCESS_LIFETIME,
    IDLE,
    REFRESH_LIFETIME,
    RefreshToken,
    Session,
    digest_of,
    new_secret,
)
from salesml.core.users import MAX_PASSWORD, User, clean_email
from salesml.services.ports.unit_of_work import UnitOfWork
from salesml.services.tokens import AccessClaims

TOUCH_EVERY = timedelta(minutes=1)
"""How exactly the last use of a session is known; a write for every page would be too many."""
NO_TOKEN = "this needs an access token, as: Authorization: Bearer ..."  # noqa: S105
_TOO_MANY = "too many logins have failed; wait a little"
_REFUSED = "e-mail address or password is wrong"


@dataclass(frozen=True, kw_only=True)
class Identity:
    """A user, and the families whose access tokens ended before their time."""

    user: User
    ended_families: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Issued:
    """A refresh token as its owner gets it, once: only its digest is kept."""

    user: User
    family: str
    refresh_token: str


def begin_login(uow: UnitOfWork, *, email: str, address: str, now: datetime) -> tuple[User, str] | None:
    """The active user of an e-mail address, and the hash to compare a password with.

    The attempt is counted before its password is looked at, so that many at once are no way around the
    limits. Raises TooManyAttempts.
    """
    for key, limit in limits_of(email, address).items():
        attempts = uow.login_attempts.count(key, now=now, begun_before=now - limit.window)
        if wait := wait_s(attempts, limit, now):
            raise TooManyAttempts(_TOO_MANY, retry_after_s=wait)
    return _credentials(uow, email)


def _credentials(uow: UnitOfWork, email: str) -> tuple[User, str] | None:
    try:
        user = uow.users.find(clean_email(email))
    except InvalidValue:
        return None
    return (user, uow.users.password_hash(user.id)) if user and user.is_active else None


def may_be_password(password: str) -> bool:
    """Whether it is worth hashing: no longer than any password that can be set."""
    return 0 < len(password) <= MAX_PASSWORD


def login_failed(uow: UnitOfWork, *, user: User | None, address: str, now: datetime) -> LoginRefused:
    """Write it into the audit trail; answers what to raise, in the same words whatever was wrong.

    What somebody typed who is no user is not written down: it may be a password in the wrong field.
    """
    who = user.email if user else "unknown"
    uow.audit.add(at=now, actor=who, action="login.failed", subject=who, detail={"ip": address})
    return LoginRefused(_REFUSED)


def login_succeeded(
    uow: UnitOfWork, *, user: User, address: str, now: datetime, better_hash: str | None
) -> None:
    """Write it into the audit trail, and a hash of today's costs over an older one."""
    both, account = limits_of(user.email, address)
    uow.login_attempts.remove(both)
    uow.login_attempts.take_back(account)
    uow.login_attempts.remove_before(now - LONGEST_WINDOW)
    if better_hash is not None:
        uow.users.renew_password_hash(user.id, better_hash)
    uow.audit.add(
        at=now, actor=user.email, action="login.succeeded", subject=user.email, detail={"ip": address}
    )


def open_family(uow: UnitOfWork, user_id: int, now: datetime) -> Issued:
    """Begin a family of refresh tokens for somebody who has just logged in."""
    uow.refresh_tokens.remove_expired(now)
    first = RefreshToken(
        digest=b"", family=uuid.uuid4().hex, user_id=user_id, issued_at=now, expires_at=now + REFRESH_LIFETIME
    )
    return _issue(uow, first, uow.users.get(user_id))


def refresh(uow: UnitOfWork, refresh_token: str, now: datetime) -> Issued | None:
    """The next token of a family.

    None when the token was used before: its family is revoked then, which a raised error would undo.
    Raises NotAuthenticated for one that is unknown, expired or of a user who was shut out.
    """
    token = uow.refresh_tokens.find(digest_of(refresh_token))
    if token is None or now >= token.expires_at or token.revoked_at is not None:
        raise NotAuthenticated("the refresh token is not valid, or no longer")
    user = uow.users.get(token.user_id)
    if not user.is_active:
        raise NotAuthenticated("the refresh token is not valid, or no longer")
    if not uow.refresh_tokens.use(token.digest, now):
        uow.refresh_tokens.revoke_family(token.family, now)
        uow.audit.add(at=now, actor=user.email, action="token.reused", subject=user.email, detail={})
        return None
    return _issue(uow, replace(token, issued_at=now), user)


def end_family(uow: UnitOfWork, family: str, now: datetime) -> None:
    """Log a script out: its refresh and access tokens are dead."""
    uow.refresh_tokens.revoke_family(family, now)


def identity(uow: UnitOfWork, user_id: int, now: datetime) -> Identity | None:
    """Who an access token speaks of; None for a user who is gone or shut out."""
    try:
        user = uow.users.get(user_id)
    except NotFound:
        return None
    ended = uow.refresh_tokens.revoked_families(user_id, now - ACCESS_LIFETIME)
    return Identity(user=user, ended_families=ended) if user.is_active else None


def bearer(known: Identity | None, claims: AccessClaims) -> User:
    """The user whom an access token speaks of. Raises NotAuthenticated when it ended before its time."""
    if known is None or known.user.revision != claims.revision or claims.family in known.ended_families:
        raise NotAuthenticated("the access token is not valid, or no longer")
    return known.user


def open_session(uow: UnitOfWork, user_id: int, now: datetime) -> str:
    """Begin a browser's session; answers what its cookie carries. Always a new one, so that nobody can
    plant an id before the login."""
    uow.sessions.remove_over(seen_before=now - IDLE, now=now)
    secret = new_secret()
    uow.sessions.add(
        Session(
            digest=digest_of(secret), user_id=user_id, created_at=now, seen_at=now, expires_at=now + ABSOLUTE
        )
    )
    return secret


def find_session(uow: UnitOfWork, secret: str, now: datetime) -> tuple[Session, User] | None:
    """The session of a cookie and its user, while both are good."""
    session = uow.sessions.find(digest_of(secret))
    if session is None or session.is_over(now):
        return None
    user = uow.users.get(session.user_id)
    return (session, user) if user.is_active else None


def touch_session(uow: UnitOfWork, session: Session, now: datetime) -> None:
    """Note that a session was used. Call it when `needs_touch` says so."""
    uow.sessions.touch(session.digest, now)


def needs_touch(session: Session, now: datetime) -> bool:
    return now - session.seen_at >= TOUCH_EVERY


def close_session(uow: UnitOfWork, secret: str) -> None:
    """Log a browser out."""
    uow.sessions.remove(digest_of(secret))


def _issue(uow: UnitOfWork, token: RefreshToken, user: User) -> Issued:
    secret = new_secret()
    uow.refresh_tokens.add(replace(token, digest=digest_of(secret), used_at=None))
    return Issued(user=user, family=token.family, refresh_token=secret)

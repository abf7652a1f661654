"""What users do with their own account."""

from collections.abc import Sequence
from datetime import datetime

from salesml.core.sessions import Session, digest_of
from salesml.services.ports.unit_of_work import UnitOfWork


def set_language(uow: UnitOfWork, *, user_id: int, language: str) -> None:
    """What the pages speak to this user, in every browser. Raises NotFound."""
    uow.users.set_language(user_id, language)


def password_hash(uow: UnitOfWork, user_id: int) -> str:
    """To compare the current password with. Raises NotFound."""
    return uow.users.password_hash(user_id)


def sessions(uow: UnitOfWork, *, user_id: int, now: datetime) -> Sequence[Session]:
    """The browsers in which a user is signed in, the newest first."""
    return [session for session in uow.sessions.of_user(user_id) if not session.is_over(now)]


def end_other_logins(uow: UnitOfWork, *, user_id: int, kept: str, now: datetime) -> None:
    """Sign a user out everywhere but in the browser whose cookie carries `kept`; scripts end too."""
    for session in uow.sessions.of_user(user_id):
        if session.digest != digest_of(kept):
            uow.sessions.remove(session.digest)
    uow.refresh_tokens.revoke_of_user(user_id, now)
    user = uow.users.get(user_id)
    uow.audit.add(at=now, actor=user.email, action="user.other_logins_ended", subject=user.email, detail={})

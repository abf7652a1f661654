"""Who may use the product: create, list and disable users."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from salesml.core.errors import InvalidValue, NotAllowed, NotFound
from salesml.core.users import User, UserRole, check_password, clean_email
from salesml.services.passwords import hash_password
from salesml.services.ports.unit_of_work import UnitOfWork

_PRODUCT = "salesml"
_MIN_TELLING_NAME = 3
"""A shorter local part of an address, such as "a", is in too many good passwords to be held against them."""
_COMMONEST = frozenset(
    "12345678 123456789 1234567890 11111111 00000000 87654321 password password1 password123 passw0rd "
    "qwerty123 qwertyui qwertyuiop iloveyou sunshine princess football baseball superman trustno1 "
    "abcd1234 1q2w3e4r 1qaz2wsx welcome1 letmein1 changeme administrator zaq12wsx polska12 haslo123".split()
)


def create_user(
    uow: UnitOfWork, *, email: str, role: UserRole, password: str, actor: str, now: datetime
) -> User:
    """Add a user who may log in at once.

    Raises InvalidValue for what is no address or too weak a password, AlreadyExists for a known address.
    """
    password_hash = hash_password(check_new_password(password, email=email))
    return add_user(uow, email=email, role=role, password_hash=password_hash, actor=actor, now=now)


def check_new_password(password: str, *, email: str) -> str:
    """The password unchanged, if it is long enough and not guessed first. Raises InvalidValue.

    Checked apart from `add_user` where hashing must not hold a transaction up.
    """
    _refuse_guessable(check_password(password), clean_email(email))
    return password


def add_user(
    uow: UnitOfWork, *, email: str, role: UserRole, password_hash: str, actor: str, now: datetime
) -> User:
    """Add a user whose password was checked and hashed already. Raises InvalidValue, AlreadyExists."""
    address = clean_email(email)
    user = uow.users.add(email=address, role=role, password_hash=password_hash, now=now)
    uow.audit.add(at=now, actor=actor, action="user.created", subject=address, detail={"role": role.value})
    return user


def put_admin(uow: UnitOfWork, *, email: str, password_hash: str, actor: str, now: datetime) -> User:
    """Make an administrator, or give one who is there another password; what was logged in before ends."""
    known = uow.users.find(clean_email(email))
    if known is None:
        role = UserRole.ADMIN
        return add_user(uow, email=email, role=role, password_hash=password_hash, actor=actor, now=now)
    wanted = UserChange(role=UserRole.ADMIN, is_active=True, password_hash=password_hash)
    return change_user(uow, known.id, wanted, actor=actor, now=now)


def get_user(uow: UnitOfWork, user_id: int) -> User:
    """Raises NotFound."""
    return uow.users.get(user_id)


def list_users(uow: UnitOfWork) -> Sequence[User]:
    """All users, by e-mail, disabled ones included."""
    return uow.users.list()


def disable_user(uow: UnitOfWork, *, email: str, actor: str, now: datetime) -> User:
    """Shut a user out, keeping what the audit trail says of them; repeating it changes nothing.

    Raises NotFound.
    """
    address = clean_email(email)
    user = uow.users.find(address)
    if user is None:
        raise NotFound(f"no user {address}")
    return change_user(uow, user.id, UserChange(is_active=False), actor=actor, now=now)


@dataclass(frozen=True, kw_only=True)
class UserChange:
    """What becomes of a user; None leaves it as it is. `password_hash` is of a checked password."""

    role: UserRole | None = None
    is_active: bool | None = None
    password_hash: str | None = None


def change_user(uow: UnitOfWork, user_id: int, change: UserChange, *, actor: str, now: datetime) -> User:
    """Give a user another role or password, shut them out or let them in again.

    Whatever really changes ends all their sessions and tokens. Raises NotFound, and NotAllowed for what
    would leave the installation without an administrator.
    """
    user = uow.users.get(user_id)
    steps = _steps(uow, user, change)
    if not steps:
        return user
    for action, detail, step in steps:
        step()
        uow.audit.add(at=now, actor=actor, action=action, subject=user.email, detail=detail)
    uow.refresh_tokens.revoke_of_user(user_id, now)
    uow.sessions.remove_of_user(user_id)
    if _is_admin(user) and not any(_is_admin(one) for one in uow.users.list()):
        raise NotAllowed("this is the last administrator; make another one first")
    return uow.users.get(user_id)


def _is_admin(user: User) -> bool:
    return user.is_active and user.role is UserRole.ADMIN


def _steps(
    uow: UnitOfWork, user: User, change: UserChange
) -> list[tuple[str, dict[str, object], Callable[[], None]]]:
    """What there is to do, each with its name in the audit trail."""
    steps: list[tuple[str, dict[str, object], Callable[[], None]]] = []
    if change.role not in (None, user.role):
        role = UserRole(change.role)
        steps.append(("user.role_changed", {"role": role.value}, partial(uow.users.set_role, user.id, role)))
    if change.is_active not in (None, user.is_active):
        action = "user.enabled" if change.is_active else "user.disabled"
        steps.append((action, {}, partial(uow.users.set_active, user.id, bool(change.is_active))))
    if change.password_hash is not None:
        set_hash = partial(uow.users.set_password_hash, user.id, change.password_hash)
        steps.append(("user.password_changed", {}, set_hash))
    return steps


def _refuse_guessable(password: str, address: str) -> None:
    """What anyone would try first (NIST SP 800-63B, 5.1.1.2): common ones, the user's and our own name."""
    guess = password.casefold()
    name = address.partition("@")[0].casefold()
    if guess in _COMMONEST:
        raise InvalidValue("password", "is one of the commonest passwords")
    if guess == name or (len(name) >= _MIN_TELLING_NAME and name in guess):
        raise InvalidValue("password", "must not contain the name in the e-mail address")
    if _PRODUCT in guess:
        raise InvalidValue("password", f'must not contain "{_PRODUCT}"')

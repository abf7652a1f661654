"""Who may use the product: create, list and disable users."""

from collections.abc import Sequence
from datetime import datetime

from salesml.core.errors import InvalidValue, NotFound
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
    address = clean_email(email)
    _refuse_guessable(check_password(password), address)
    user = uow.users.add(email=address, role=role, password_hash=hash_password(password), now=now)
    uow.audit.add(at=now, actor=actor, action="user.created", subject=address, detail={"role": role.value})
    return user


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
    if not user.is_active:
        return user
    uow.users.set_active(user.id, False)
    uow.audit.add(at=now, actor=actor, action="user.disabled", subject=address, detail={})
    return uow.users.find(address) or user


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

"""Making and changing users, with passwords hashed beside the event loop; for API and pages alike."""

from datetime import UTC, datetime

from salesml.core.users import User, UserRole
from salesml.http.state import HttpState
from salesml.services import users
from salesml.services.users import UserChange


async def create(state: HttpState, *, email: str, role: UserRole, password: str, actor: User) -> User:
    """Raises InvalidValue, AlreadyExists."""
    password_hash = await state.passwords.hash(users.check_new_password(password, email=email))
    return await state.tx.run(
        users.add_user,
        email=email,
        role=role,
        password_hash=password_hash,
        actor=actor.email,
        now=datetime.now(UTC),
    )


async def change(
    state: HttpState,
    user_id: int,
    *,
    role: UserRole | None = None,
    is_active: bool | None = None,
    password: str | None = None,
    actor: User,
) -> User:
    """None leaves a thing as it is; what changes counts at once.

    Raises NotFound, InvalidValue, NotAllowed.
    """
    password_hash = None
    if password is not None:
        user = await state.tx.read(users.get_user, user_id)
        password_hash = await state.passwords.hash(users.check_new_password(password, email=user.email))
    wanted = UserChange(role=role, is_active=is_active, password_hash=password_hash)
    changed = await state.tx.run(users.change_user, user_id, wanted, actor=actor.email, now=datetime.now(UTC))
    state.identities.forget(user_id)
    return changed

"""Users, for administrators."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import Response

from salesml.core.errors import AlreadyExists, InvalidValue, NotAllowed
from salesml.core.users import UserRole
from salesml.http import users as http_users
from salesml.services import users
from salesml.services.passwords import generate_password
from salesml.web.reasons import reason
from salesml.web.visits import Administrator, RowId, SignedIn

router = APIRouter(prefix="/users", include_in_schema=False)
Text = Annotated[str, Form()]


@router.get("")
async def show(visit: Administrator) -> Response:
    """Everybody who may, or might once, sign in."""
    return await _page(visit)


@router.post("")
async def create(visit: Administrator, role: Annotated[UserRole, Form()], email: Text = "") -> Response:
    """Add a user; the password that was made for them is on this page and never again."""
    password = generate_password()
    try:
        user = await http_users.create(
            visit.state, email=email, role=role, password=password, actor=visit.user
        )
    except InvalidValue as error:
        return await _page(visit, email=email, role=role, errors={"email": reason(visit.language, error)})
    except AlreadyExists:
        taken = visit.language.gettext("There is a user with this e-mail address already.")
        return await _page(visit, email=email, role=role, errors={"email": taken})
    return await _page(visit, handed=(user.email, password))


@router.post("/{user_id}/password")
async def renew_password(visit: Administrator, user_id: RowId) -> Response:
    """Make another one-time password; whoever was signed in with the old one is signed out."""
    password = generate_password()
    user = await http_users.change(visit.state, user_id, password=password, actor=visit.user)
    return await _page(visit, handed=(user.email, password))


@router.post("/{user_id}/role")
async def set_role(visit: Administrator, user_id: RowId, role: Annotated[UserRole, Form()]) -> Response:
    """Make an analyst an administrator, or the other way round."""
    try:
        user = await http_users.change(visit.state, user_id, role=role, actor=visit.user)
    except NotAllowed:
        return await _last_administrator(visit)
    return visit.go("/users", "user_role_set", email=user.email)


@router.post("/{user_id}/access")
async def set_access(visit: Administrator, user_id: RowId, allowed: Annotated[bool, Form()]) -> Response:
    """Shut a user out, or let them in again."""
    try:
        user = await http_users.change(visit.state, user_id, is_active=allowed, actor=visit.user)
    except NotAllowed:
        return await _last_administrator(visit)
    return visit.go("/users", "user_enabled" if allowed else "user_disabled", email=user.email)


async def _last_administrator(visit: SignedIn) -> Response:
    text = visit.language.gettext("This is the last administrator. Make another one first.")
    return await _page(visit, refused=text)


async def _page(
    visit: SignedIn,
    *,
    email: str = "",
    role: UserRole = UserRole.ANALYST,
    errors: dict[str, str] | None = None,
    refused: str | None = None,
    handed: tuple[str, str] | None = None,
) -> Response:
    """The list; `handed` is the address and the new password of a user, to be handed over."""
    status = HTTPStatus.CONFLICT if refused else HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK
    return visit.page(
        "users/list.html",
        status=status,
        users=await visit.tx.read(users.list_users),
        email=email,
        role=role,
        errors=errors or {},
        refused=refused,
        handed=handed,
    )

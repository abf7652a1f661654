"""Who may use the product; for administrators."""

from fastapi import APIRouter, Response

from salesml.api.dependencies import AdminUser, RowId, State, Tx
from salesml.api.schemas.users import UserChangeIn, UserIn, UserOut, UsersOut
from salesml.http import users as http_users
from salesml.services import users

router = APIRouter(prefix="/users", tags=["users"])


@router.get("")
async def list_users(tx: Tx) -> UsersOut:
    """Every user, by e-mail address."""
    found = await tx.read(users.list_users)
    return UsersOut(items=[UserOut.of(user) for user in found], total=len(found))


@router.post("", status_code=201)
async def create_user(body: UserIn, response: Response, state: State, admin: AdminUser) -> UserOut:
    """Add a user, who may log in at once."""
    user = await http_users.create(
        state, email=body.email, role=body.role, password=body.password, actor=admin
    )
    response.headers["Location"] = f"/api/v1/users/{user.id}"
    return UserOut.of(user)


@router.get("/{user_id}")
async def get_user(user_id: RowId, tx: Tx) -> UserOut:
    """One user."""
    return UserOut.of(await tx.read(users.get_user, user_id))


@router.patch("/{user_id}")
async def change_user(user_id: RowId, body: UserChangeIn, state: State, admin: AdminUser) -> UserOut:
    """Another role or password, or no access any more. Ends every login of that user at once."""
    user = await http_users.change(
        state, user_id, role=body.role, is_active=body.is_active, password=body.password, actor=admin
    )
    return UserOut.of(user)

"""The page of one's own account: language, password, devices."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import Response

from salesml.core.errors import InvalidValue
from salesml.core.sessions import digest_of
from salesml.http import sessions
from salesml.http import users as http_users
from salesml.services import accounts, auth
from salesml.web.reasons import reason
from salesml.web.visits import Member, SignedIn

router = APIRouter(prefix="/account", include_in_schema=False)
Text = Annotated[str, Form()]
_SHOWN_DEVICES = 5


@router.get("")
async def show(visit: Member) -> Response:
    """Who one is here, and where one is signed in."""
    return await _page(visit)


@router.post("/password")
async def change_password(visit: Member, current: Text = "", new: Text = "") -> Response:
    """Set another password, by the current one; every other device is signed out."""
    try:
        await _check_current(visit, current)
        await http_users.change(visit.state, visit.user.id, password=new, actor=visit.user)
    except InvalidValue as error:
        field = "current" if error.field == "current" else "new"
        return await _page(visit, {field: reason(visit.language, error)})
    response = visit.go("/account", "password_changed")
    await sessions.begin(visit.request, response, visit.user)
    return response


@router.post("/sessions")
async def end_other_sessions(visit: Member) -> Response:
    """Sign out everywhere else."""
    kept = sessions.secret_of(visit.request) or ""
    now = datetime.now(UTC)
    await visit.tx.run(accounts.end_other_logins, user_id=visit.user.id, kept=kept, now=now)
    visit.state.identities.forget(visit.user.id)
    return visit.go("/account", "sessions_ended")


async def _check_current(visit: SignedIn, password: str) -> None:
    """Raises InvalidValue for what is not the user's password."""
    hashed = await visit.tx.read(accounts.password_hash, visit.user.id)
    if not auth.may_be_password(password) or not await visit.state.passwords.verify(password, hashed):
        raise InvalidValue("current", "is not the current password")


async def _page(visit: SignedIn, errors: dict[str, str] | None = None) -> Response:
    found = await visit.tx.read(accounts.sessions, user_id=visit.user.id, now=datetime.now(UTC))
    this = digest_of(sessions.secret_of(visit.request) or "")
    devices = sorted(((session, session.digest == this) for session in found), key=lambda pair: not pair[1])
    return visit.page(
        "account/account.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
        errors=errors or {},
        devices=devices[:_SHOWN_DEVICES],
        more_devices=max(0, len(devices) - _SHOWN_DEVICES),
    )

"""What handlers ask for, by name."""

from typing import Annotated

from fastapi import Depends, Path, Request
from fastapi.security import OAuth2PasswordBearer

from salesml.core.errors import NotAllowed, NotAuthenticated
from salesml.core.users import User, UserRole
from salesml.http.state import HttpState, state_of
from salesml.services import auth
from salesml.services.ports.unit_of_work import AsyncTransactions
from salesml.services.serving import Serving
from salesml.services.tokens import AccessClaims

TOKEN_URL = "/api/v1/auth/token"  # noqa: S105 - an address
_bearer = OAuth2PasswordBearer(
    tokenUrl=TOKEN_URL,
    refreshUrl="/api/v1/auth/refresh",
    auto_error=False,
    description="Log in with the e-mail address as user name.",
)


async def _state(request: Request) -> HttpState:
    return state_of(request)


State = Annotated[HttpState, Depends(_state)]


# Each asks the request rather than one another: a dependency of a dependency costs as much as a forecast.
async def _tx(request: Request) -> AsyncTransactions:
    return state_of(request).tx


async def _serving(request: Request) -> Serving:
    return state_of(request).serving


async def _claims(request: Request, token: Annotated[str | None, Depends(_bearer)]) -> AccessClaims:
    if token is None:
        raise NotAuthenticated(auth.NO_TOKEN)
    return state_of(request).app.access_tokens.read(token)


Claims = Annotated[AccessClaims, Depends(_claims)]


async def any_user(request: Request, claims: Claims) -> User:
    """Whoever shows a good access token of an active user. Raises NotAuthenticated."""
    user = auth.bearer(await state_of(request).identities.get(claims.user_id), claims)
    request.state.user_id = user.id
    return user


Tx = Annotated[AsyncTransactions, Depends(_tx)]
ServingNow = Annotated[Serving, Depends(_serving)]
AnyUser = Annotated[User, Depends(any_user)]


async def admin_user(user: AnyUser) -> User:
    """Raises NotAllowed for an analyst."""
    if user.role is not UserRole.ADMIN:
        raise NotAllowed("this needs an administrator")
    return user


RowId = Annotated[int, Path(ge=1, le=2**63 - 1, examples=["1"])]
"""An id in an address; ids are text to the caller, and 64 bits in the database."""
AdminUser = Annotated[User, Depends(admin_user)]

"""Logging in with e-mail address and password, and staying so."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request

from salesml.api.dependencies import AnyUser, Claims, State, Tx
from salesml.api.schemas.auth import LoginIn, MeOut, RefreshIn, TokensOut
from salesml.core.errors import NotAuthenticated
from salesml.core.sessions import ACCESS_LIFETIME
from salesml.http.login import log_in
from salesml.http.state import HttpState
from salesml.services import auth
from salesml.services.auth import Issued

router = APIRouter(prefix="/auth", tags=["auth"])


@router.post("/token")
async def token(request: Request, state: State, form: Annotated[LoginIn, Form()]) -> TokensOut:
    """An access token for ten minutes and a refresh token for the next one. The user name is the e-mail
    address."""
    user = await log_in(request, email=form.username, password=form.password)
    return _tokens(state, await state.tx.run(auth.open_family, user.id, datetime.now(UTC)))


@router.post("/refresh")
async def refresh(body: RefreshIn, state: State) -> TokensOut:
    """The next pair of tokens; the refresh token that was sent is used up."""
    issued = await state.tx.run(auth.refresh, body.refresh_token, datetime.now(UTC))
    if issued is None:
        raise NotAuthenticated("the refresh token is not valid, or no longer")
    return _tokens(state, issued)


@router.post("/logout", status_code=204)
async def logout(claims: Claims, state: State, tx: Tx) -> None:
    """End this login: its access and refresh tokens are dead at once."""
    await tx.run(auth.end_family, claims.family, datetime.now(UTC))
    state.identities.forget(claims.user_id)


@router.get("/me")
async def me(user: AnyUser) -> MeOut:
    """Who the token belongs to."""
    return MeOut(id=str(user.id), email=user.email, role=user.role, language=user.language)


def _tokens(state: HttpState, issued: Issued) -> TokensOut:
    access = state.app.access_tokens.issue(issued.user, issued.family, datetime.now(UTC))
    return TokensOut(
        access_token=access,
        expires_in=int(ACCESS_LIFETIME.total_seconds()),
        refresh_token=issued.refresh_token,
    )

"""Who looks at a page, in which language, on which installation: what every page's handler asks for.

async def show(visit: Member) -> Response:
    found = await visit.tx.read(clients.detail, client_id)
    return visit.page("clients/detail.html", client=found)
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlencode, urlsplit

from fastapi import Depends, Path, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from salesml.core.errors import NotAllowed
from salesml.core.installation import Installation
from salesml.core.users import User, UserRole
from salesml.http.sessions import current_user, is_plain_loopback
from salesml.http.state import HttpState, state_of
from salesml.services import installation
from salesml.services.ports.unit_of_work import AsyncTransactions
from salesml.web import flashes
from salesml.web.i18n import Language, choose
from salesml.web.navigation import menu
from salesml.web.templating import render

LANGUAGE_COOKIE = "salesml-language"


class SignInNeeded(Exception):
    """The page is for users, and nobody is signed in."""


@dataclass(frozen=True, kw_only=True)
class Visit:
    """One request for a page; `user` is None while nobody is signed in."""

    request: Request = field(repr=False)
    here: Installation
    user: User | None

    @property
    def state(self) -> HttpState:
        return state_of(self.request)

    @property
    def tx(self) -> AsyncTransactions:
        return self.state.tx

    @property
    def language(self) -> Language:
        return language_of(self.request, self.user)

    @property
    def is_secure(self) -> bool:
        """Whether cookies are for encrypted connections only: everywhere but on this very machine."""
        return not is_plain_loopback(self.request)

    def page(self, template: str, *, status: int = HTTPStatus.OK, **values: object) -> Response:
        """A template, with the values that every page needs and those given."""
        shown = flashes.take(self.request, self.language)
        response = HTMLResponse(
            render(template, self.language.code, **self._common(shown), **values), int(status)
        )
        response.headers["Vary"] = "Cookie, HX-Request, Accept-Language"
        if flashes.COOKIE in self.request.cookies and not self.is_fragment:
            flashes.clear(response)
        return response

    @property
    def is_fragment(self) -> bool:
        """Whether htmx asks, for a part of a page."""
        return "HX-Request" in self.request.headers

    def go(self, address: str, flash: str | None = None, **values: str) -> Response:
        """Send the browser to a page of ours, which then shows a message of `flashes.MESSAGES`."""
        response = redirect(self.request, address)
        if flash is not None:
            flashes.put(response, flash, values, secure=self.is_secure)
        return response

    def _common(self, shown: list[flashes.Flash]) -> Mapping[str, object]:
        path = self.request.url.path
        return {
            "here": self.here,
            "user": self.user,
            "path": path,
            "address": address_of(self.request),
            "navigation": menu(self.user, path),
            "flashes": shown,
        }


@dataclass(frozen=True, kw_only=True)
class SignedIn(Visit):
    """A visit of a user."""

    user: User


async def guest(request: Request) -> Visit:
    """Anybody, signed in or not."""
    user = await current_user(request)
    here = await state_of(request).tx.read(installation.current)
    if user is None:
        return Visit(request=request, here=here, user=None)
    return SignedIn(request=request, here=here, user=user)


async def member(visit: Annotated[Visit, Depends(guest)]) -> SignedIn:
    """Any user. Raises SignInNeeded."""
    if not isinstance(visit, SignedIn):
        raise SignInNeeded
    return visit


async def administrator(visit: Annotated[SignedIn, Depends(member)]) -> SignedIn:
    """Raises SignInNeeded, and NotAllowed for an analyst."""
    if visit.user.role is not UserRole.ADMIN:
        raise NotAllowed("this page is for administrators")
    return visit


RowId = Annotated[int, Path(ge=1, le=2**63 - 1)]
"""An id in the address of a page."""
Guest = Annotated[Visit, Depends(guest)]
Member = Annotated[SignedIn, Depends(member)]
Administrator = Annotated[SignedIn, Depends(administrator)]


def language_of(request: Request, user: User | None) -> Language:
    """What the user chose, else what this browser chose, else what it prefers."""
    wishes = (user.language if user else None, request.cookies.get(LANGUAGE_COOKIE))
    return choose(wishes, request.headers.get("accept-language", ""))


def local(address: str, otherwise: str = "/") -> str:
    """The address if it is a path of this server, so that no form leads to another site."""
    parts = urlsplit(address) if address.isprintable() and "\\" not in address else None
    is_ours = parts is not None and not parts.scheme and not parts.netloc and address.startswith("/")
    return address if is_ours and not address.startswith("//") else otherwise


def address_of(request: Request) -> str:
    """Path and query to come back to; of an answer to a form, those of the page that held the form."""
    seen = urlsplit(str(request.url) if request.method == "GET" else request.headers.get("referer", "/"))
    return local(f"{seen.path}?{seen.query}" if seen.query else seen.path)


def redirect(request: Request, address: str) -> Response:
    """Send the browser to a page of ours, whether it asked itself or through htmx."""
    if "HX-Request" in request.headers:
        return Response(status_code=HTTPStatus.NO_CONTENT, headers={"HX-Redirect": local(address)})
    return RedirectResponse(local(address), HTTPStatus.SEE_OTHER)


def sign_in_first(request: Request) -> Response:
    """Send the browser to the login page, which leads back to what was wanted."""
    wanted = address_of(request)
    if "HX-Request" in request.headers:
        current = urlsplit(request.headers.get("HX-Current-URL", "/"))
        wanted = f"{current.path}?{current.query}" if current.query else current.path
    query = f"?{urlencode({'next': wanted})}" if wanted != "/" else ""
    return redirect(request, f"/login{query}")

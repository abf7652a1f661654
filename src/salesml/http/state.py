"""What every request works with, opened and closed with the server."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from threading import Event

from fastapi import Request

from salesml.http.identities import Identities
from salesml.http.passwords import PasswordThread
from salesml.services.pipelines import Pipelines
from salesml.services.ports.unit_of_work import AsyncTransactions
from salesml.services.serving import Serving
from salesml.wiring import App

EXPORTS_AT_ONCE = 2
"""Each holds a connection for as long as its list is long; pages need the others."""
TRANSACTION_THREADS = 8
"""As many as the connections that the pool keeps open."""


@dataclass(frozen=True, kw_only=True)
class HttpState:
    """Reached by `request.app.state.salesml`."""

    app: App
    tx: AsyncTransactions
    serving: Serving
    identities: Identities
    passwords: PasswordThread
    pipelines: Pipelines
    keys_in_work: set[tuple[int, str]] = field(default_factory=set)
    """User and idempotency key of requests that this server is working on."""
    exporting: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(EXPORTS_AT_ONCE))
    closing: Event = field(default_factory=Event)
    """Set when the server was told to stop: whatever streams for long ends then."""


@asynccontextmanager
async def open_state(app: App) -> AsyncIterator[HttpState]:
    """The state of one server process; waits at the end for transactions that have begun."""
    with ExitStack() as stack:
        tx = app.asynchronous(TRANSACTION_THREADS)
        stack.callback(tx.close)
        passwords = PasswordThread()
        stack.callback(passwords.close)
        serving = await asyncio.to_thread(stack.enter_context, Serving(app.tx))
        yield HttpState(
            app=app,
            tx=tx,
            serving=serving,
            identities=Identities(tx),
            passwords=passwords,
            pipelines=Pipelines(app.models),
        )


def state_of(request: Request) -> HttpState:
    """The state of the server that a request came to."""
    state: HttpState = request.app.state.salesml
    return state

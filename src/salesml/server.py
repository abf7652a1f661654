"""The whole HTTP server: API, pages and what surrounds them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from asgi_correlation_id import CorrelationIdMiddleware
from fastapi import FastAPI

from salesml.api.app import mount_api
from salesml.http.health import mount_health
from salesml.http.middleware import RequestLog, SameOriginOnly, SecurityHeaders
from salesml.http.problems import install_problems
from salesml.http.state import open_state
from salesml.wiring import App

MAX_BODY_BYTES = 10 * 1024**2
"""Of every request but uploads of files, whose routes say so themselves."""


def create_server(app: App) -> FastAPI:
    """An ASGI application; its state opens when it starts and closes when it stops."""

    @asynccontextmanager
    async def lifespan(server: FastAPI) -> AsyncIterator[None]:
        async with open_state(app) as state:
            server.state.salesml = state
            yield

    server = FastAPI(
        title="salesml",
        summary="Who will buy, how much, and why",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json" if app.settings.docs_enabled else None,
        max_body_size=MAX_BODY_BYTES,
    )
    install_problems(server)
    mount_health(server)
    mount_api(server)
    for middleware in (SameOriginOnly, SecurityHeaders, RequestLog):
        server.add_middleware(middleware)
    server.add_middleware(CorrelationIdMiddleware)
    return server

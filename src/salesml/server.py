"""The whole HTTP server: API, pages and what surrounds them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from asgi_correlation_id import CorrelationIdMiddleware
from fastapi import FastAPI

from salesml.api.app import mount_api
from salesml.http.body_limit import BodyLimit
from salesml.http.health import mount_health
from salesml.http.metrics import mount_metrics
from salesml.http.middleware import AllowedHosts, RequestLog, SameOriginOnly, SecurityHeaders
from salesml.http.problems import install_problems
from salesml.http.state import open_state
from salesml.web.app import mount_pages
from salesml.wiring import App

_MIB = 1024**2


def create_server(app: App) -> FastAPI:
    """An ASGI application; its state opens when it starts and closes when it stops."""

    @asynccontextmanager
    async def lifespan(server: FastAPI) -> AsyncIterator[None]:
        async with open_state(app) as state:
            server.state.salesml = state
            yield

    server = FastAPI(lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    install_problems(server)
    mount_health(server)
    mount_api(server, documented=app.settings.docs_enabled)
    mount_pages(server)
    # What is added later stands further outside: an answer of any of them is logged and gets the headers.
    server.add_middleware(BodyLimit, max_upload_bytes=app.settings.max_upload_mb * _MIB)
    server.add_middleware(SameOriginOnly)
    if names := [name.strip() for name in app.settings.allowed_hosts.split(",") if name.strip()]:
        server.add_middleware(AllowedHosts, names=names)
    if app.settings.metrics_enabled:
        mount_metrics(server)
    server.add_middleware(RequestLog)
    server.add_middleware(SecurityHeaders)
    server.add_middleware(CorrelationIdMiddleware)
    return server

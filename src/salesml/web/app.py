"""Joining the pages to the server."""

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from salesml.web.assets import PREFIX, serve_asset
from salesml.web.failures import install_failures, is_page
from salesml.web.pages import ROUTERS

_COMPRESS_FROM_BYTES = 1_000
_COMPRESSION_LEVEL = 5


def mount_pages(server: FastAPI) -> None:
    """Add pages, static files and error pages; call it after the API and its problem documents."""
    for router in ROUTERS:
        server.include_router(router)
    server.router.routes.append(Route(f"{PREFIX}/{{path:path}}", serve_asset, include_in_schema=False))
    install_failures(server)
    server.add_middleware(CompressedPages)


class CompressedPages:
    """Compresses pages, and nothing else: answers of the API are small or want their CPU for themselves."""

    def __init__(self, app: ASGIApp) -> None:
        self._plain = app
        self._packed = GZipMiddleware(
            app, minimum_size=_COMPRESS_FROM_BYTES, compresslevel=_COMPRESSION_LEVEL
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        chosen = self._packed if scope["type"] == "http" and is_page(scope["path"]) else self._plain
        await chosen(scope, receive, send)

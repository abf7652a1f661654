"""Whether the process lives, and whether it can work."""

import asyncio

from fastapi import FastAPI, Request

from salesml.http.state import state_of


def mount_health(server: FastAPI) -> None:
    server.add_api_route("/healthz", healthz, include_in_schema=False)
    server.add_api_route("/readyz", readyz, include_in_schema=False)


async def healthz() -> dict[str, str]:
    """The process answers; the database is not asked."""
    return {"status": "ok"}


async def readyz(request: Request) -> dict[str, str]:
    """The database is there and at this version; otherwise NotMigrated or DatabaseUnavailable, a 503."""
    await asyncio.to_thread(state_of(request).app.check_schema)
    return {"status": "ready"}

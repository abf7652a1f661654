"""Joining the API to the server."""

from itertools import groupby

from fastapi import APIRouter, Depends, FastAPI
from fastapi.params import Depends as Dependency
from fastapi.routing import APIRoute

from salesml.api.access import Access, access_of, name_of
from salesml.api.dependencies import admin_user, any_user
from salesml.api.docs import mount_docs
from salesml.api.v1 import ROUTERS

PREFIX = "/api/v1"
_GUARDS: dict[Access, list[Dependency]] = {
    Access.PUBLIC: [],
    Access.ANALYST: [Depends(any_user)],
    Access.ADMIN: [Depends(admin_user)],
}


def mount_api(server: FastAPI, *, documented: bool) -> None:
    """Add every router, each route behind the guard that the access table names, and the documentation.

    Raises LookupError for a route that is not in the table.
    """
    for router in ROUTERS:
        routes = [route for route in router.routes if isinstance(route, APIRoute)]
        for access, group in groupby(routes, key=access_of):
            guarded = APIRouter()
            guarded.routes.extend(group)
            server.include_router(
                guarded, prefix=PREFIX, dependencies=_GUARDS[access], generate_unique_id_function=name_of
            )
    if documented:
        mount_docs(server)

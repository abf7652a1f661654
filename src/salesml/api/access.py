"""Who may call what: one table, enforced when routers are joined to the server.

A route is called `<module>.<function>`, as in `auth.token`. One that is not in the table stops the server
from starting.
"""

from collections.abc import Mapping
from enum import Enum

from fastapi.routing import APIRoute


class Access(Enum):
    """ANALYST means any user; an administrator may do everything that an analyst may."""

    PUBLIC = "public"
    ANALYST = "analyst"
    ADMIN = "admin"


ACCESS: Mapping[str, Access] = {
    "auth.token": Access.PUBLIC,
    "auth.refresh": Access.PUBLIC,
    "auth.logout": Access.ANALYST,
    "auth.me": Access.ANALYST,
}


def name_of(route: APIRoute) -> str:
    """What the table calls a route; also its operation id in the OpenAPI document."""
    module = route.endpoint.__module__.rpartition(".")[2]
    return f"{module}.{route.endpoint.__name__}"


def access_of(route: APIRoute) -> Access:
    """Raises LookupError for a route that nobody gave an access."""
    try:
        return ACCESS[name_of(route)]
    except KeyError:
        raise LookupError(f"{name_of(route)} is not in salesml.api.access.ACCESS") from None

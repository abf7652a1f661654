"""What a route is called in logs and figures."""

from starlette.types import Scope

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def route_of(scope: Scope) -> str:
    """The template of the route that answered, such as `/api/v1/clients/{client_id}`, or else the name of
    the function; never a path, which may hold personal data and has no end of values."""
    context = scope.get("fastapi", {}).get("effective_route_context")
    path = getattr(context or scope.get("route"), "path", None)
    return str(path or getattr(scope.get("endpoint"), "__name__", "unknown"))


def method_of(scope: Scope) -> str:
    """The method, if it is one that anything here answers."""
    method: str = scope["method"]
    return method if method in METHODS else "other"

"""The OpenAPI document: FastAPI's, with problem documents for errors and who may call what."""

from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from salesml.api.access import ACCESS, Access
from salesml.api.schemas.problems import Problem
from salesml.http.documents import MEDIA_TYPE

_DESCRIPTION = """Who will buy, how much, and why.

Log in by **Authorize**: the user name is the e-mail address. Scripts ask `POST /api/v1/auth/token` and send
`Authorization: Bearer <access_token>`. Every error is a problem document (RFC 9457) with a stable `code`.
Amounts are plain numbers in the currency of the installation; ids are text; lists are `{items, next_cursor}`.
"""
_TAGS = {
    "auth": "Tokens by e-mail address and password, and who one is.",
    "users": "Who may use the product; for administrators.",
    "clients": "Clients, their history and their predictions.",
    "merges": "Clients who may be one person, and making them one.",
    "orders": "Orders in batches, by order number.",
    "activity": "Daily activity in batches, by client and day.",
    "webhooks": "Order events of WooCommerce and Shopify, which sign what they send.",
    "predictions": "Both forecasts from features that you send.",
    "scoring runs": "Forecasts of every stored client.",
    "forecasts": "What the whole company will sell, and what came of earlier forecasts.",
    "models": "Trained versions: metrics, promotion, the threshold.",
    "backtests": "What models would have forecast at past dates, against what happened: league tables.",
    "imports": "Files on their way in, and the rows that were set aside.",
    "mappings": "How the files of a shop are read, kept under a name.",
    "rates": "Exchange rates by day, for orders in other currencies.",
    "exports": "Whole lists as CSV, XLSX or Parquet files.",
    "jobs": "Background work: progress, cancelling.",
    "sources": "Foreign databases that the settings name, and rows of theirs.",
    "schedules": "Work that begins by the clock.",
    "dashboard": "The figures of the main page.",
    "data": "What the stored data is like, and what can be done with it.",
    "audit": "Who did what.",
}
_ERRORS = {
    "401": "No valid access token came with the request.",
    "403": "This user may not do that.",
    "422": "The request breaks a rule; `errors` names each field.",
}
_FASTAPI_ERRORS = ("HTTPValidationError", "ValidationError")
_VERBS = ("get", "post", "put", "patch", "delete")


def document(server: FastAPI) -> dict[str, Any]:
    """Made once a server, then kept."""
    if server.openapi_schema is None:
        server.openapi_schema = _make(server)
    return server.openapi_schema


def operations(described: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Path, verb and operation of everything in a document."""
    for path, verbs in described["paths"].items():
        for verb in _VERBS:
            if verb in verbs:
                yield path, verb, verbs[verb]


def _make(server: FastAPI) -> dict[str, Any]:
    made = get_openapi(
        title="salesml",
        version=version("salesml"),
        description=_DESCRIPTION,
        routes=server.routes,
        tags=[{"name": name, "description": text} for name, text in _TAGS.items()],
    )
    schemas = made.setdefault("components", {}).setdefault("schemas", {})
    for name in _FASTAPI_ERRORS:
        schemas.pop(name, None)
    schemas["Problem"] = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(schemas["Problem"].pop("$defs", {}))
    for _, _, operation in operations(made):
        _describe_errors(operation)
    return made


def _describe_errors(operation: dict[str, Any]) -> None:
    access, responses = ACCESS[operation["operationId"]], operation["responses"]
    statuses = {"422"} & responses.keys()
    statuses |= {Access.PUBLIC: set(), Access.ANALYST: {"401"}, Access.ADMIN: {"401", "403"}}[access]
    for status in sorted(statuses):
        schema = {"$ref": "#/components/schemas/Problem"}
        responses[status] = {"description": _ERRORS[status], "content": {MEDIA_TYPE: {"schema": schema}}}

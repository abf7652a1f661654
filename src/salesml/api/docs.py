"""The API's own description: an OpenAPI document, and a page of Swagger UI from this server's files.

FastAPI's own page loads its scripts from other hosts and runs an inline one.
"""

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse

from salesml.api.openapi import document

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>salesml: API</title>
<link rel="icon" href="/static/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/static/vendor/swagger-ui/swagger-ui.css">
<script src="/static/vendor/swagger-ui/swagger-ui-bundle.js" defer></script>
<script src="/static/docs.js" defer></script>
</head>
<body>
<main id="swagger-ui" data-document="/openapi.json"></main>
</body>
</html>
"""


def mount_docs(server: FastAPI) -> None:
    """Serve /docs and /openapi.json."""
    server.add_api_route("/docs", docs, include_in_schema=False)
    server.add_api_route("/openapi.json", openapi, include_in_schema=False)


async def docs() -> HTMLResponse:
    return HTMLResponse(_PAGE)


async def openapi(request: Request) -> JSONResponse:
    return JSONResponse(document(request.app))

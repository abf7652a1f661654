"""Problem documents as the server's answers."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, cast

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from salesml.core.errors import SalesmlError
from salesml.http import documents
from salesml.http.documents import FORMS, MEDIA_TYPE, Problem


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    errors: Sequence[Mapping[str, object]] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """`errors` are {field, code, reason} and, in a batch or file, row."""
    return _response(documents.problem(status, code, detail, errors=errors, headers=headers))


def unexpected() -> Response:
    """The answer to an error that nobody foresaw: nothing of it is told."""
    return _response(documents.unexpected())


def install_problems(server: FastAPI) -> None:
    """Answer every error by a problem document."""
    server.add_exception_handler(SalesmlError, _of_ours)
    server.add_exception_handler(RequestValidationError, _of_validation)
    server.add_exception_handler(HTTPException, _of_http)


async def _of_ours(_: Request, error: Exception) -> Response:
    return _response(documents.problem_of(cast("SalesmlError", error)))


async def _of_validation(request: Request, error: Exception) -> Response:
    found = cast("RequestValidationError", error).errors()
    if _is_of_another_kind(request, found):
        return _response(documents.problem_of_status(HTTPStatus.UNSUPPORTED_MEDIA_TYPE))
    return _response(documents.problem_of_validation(found))


def _is_of_another_kind(request: Request, found: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a body was not even looked into: FastAPI says then that it is no object."""
    sent = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    is_known = sent.endswith(("/json", "+json")) or sent in FORMS
    return not is_known and any(one["loc"] == ("body",) and one["input"] for one in found)


async def _of_http(_: Request, error: Exception) -> Response:
    known = cast("HTTPException", error)
    return _response(documents.problem_of_status(known.status_code, known.headers))


def _response(found: Problem) -> Response:
    return JSONResponse(found.document, found.status, headers=dict(found.headers), media_type=MEDIA_TYPE)

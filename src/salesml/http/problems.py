"""Errors as problem documents (RFC 9457): stable codes, no text of unexpected errors, no echoed input."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, cast

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from salesml.core import errors
from salesml.core.errors import SalesmlError

MEDIA_TYPE = "application/problem+json"
STATUS: Mapping[type[SalesmlError], HTTPStatus] = {
    SalesmlError: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.InvalidValue: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.InvalidCursor: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.BatchRefused: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.SettingsInvalid: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.InstallationMismatch: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.NotMigrated: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.DatabaseUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.DatabaseBusy: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.NotFound: HTTPStatus.NOT_FOUND,
    errors.AlreadyExists: HTTPStatus.CONFLICT,
    errors.NotAuthenticated: HTTPStatus.UNAUTHORIZED,
    errors.LoginRefused: HTTPStatus.UNAUTHORIZED,
    errors.NotAllowed: HTTPStatus.FORBIDDEN,
    errors.TooManyAttempts: HTTPStatus.TOO_MANY_REQUESTS,
    errors.FileRefused: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.FileUnreadable: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.FileTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.ColumnsMissing: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.Ambiguous: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.NoGoodRow: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.TooLittleData: HTTPStatus.CONFLICT,
    errors.NoModel: HTTPStatus.CONFLICT,
    errors.ModelRefused: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.LeaseLost: HTTPStatus.CONFLICT,
    errors.JobFailed: HTTPStatus.CONFLICT,
}
"""Every error of ours and its status; a test proves that none is missing."""

_CODES = {
    HTTPStatus.BAD_REQUEST: "bad_request",
    HTTPStatus.UNAUTHORIZED: errors.NotAuthenticated.code,
    HTTPStatus.FORBIDDEN: errors.NotAllowed.code,
    HTTPStatus.NOT_FOUND: errors.NotFound.code,
    HTTPStatus.METHOD_NOT_ALLOWED: "method_not_allowed",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "too_large",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "unsupported_media_type",
}
_SERVER_FAULT = "something went wrong here; the log names it under this request's id"

log = structlog.get_logger(__name__)


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    errors: Sequence[Mapping[str, object]] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A problem document. `errors` are {field, code, reason} and, in a batch or file, row."""
    document: dict[str, object] = {
        "type": f"urn:salesml:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
    }
    if errors:
        document["errors"] = list(errors)
    return JSONResponse(document, status, headers=dict(headers or {}), media_type=MEDIA_TYPE)


def problem_of(error: SalesmlError) -> Response:
    """The answer to an error of ours."""
    status = STATUS[next(kind for kind in type(error).__mro__ if kind in STATUS)]
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error("request failed", code=error.code, reason=str(error))
        return problem(status, error.code, _SERVER_FAULT)
    headers, fields = {}, []
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, errors.TooManyAttempts):
        headers["Retry-After"] = str(error.retry_after_s)
    if isinstance(error, errors.InvalidValue):
        row = {} if error.row is None else {"row": error.row}
        fields.append({"field": error.field, "code": error.code, "reason": error.reason, **row})
    if isinstance(error, errors.BatchRefused):
        fields.extend(
            {"row": one.row, "field": one.field, "code": one.code, "reason": one.reason}
            for one in error.rejected
        )
    return problem(status, error.code, str(error), errors=fields, headers=headers)


def unexpected() -> Response:
    """The answer to an error that nobody foresaw: nothing of it is told."""
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "unexpected", _SERVER_FAULT)


def install_problems(server: FastAPI) -> None:
    """Answer every error by a problem document."""
    server.add_exception_handler(SalesmlError, _of_ours)
    server.add_exception_handler(RequestValidationError, _of_validation)
    server.add_exception_handler(HTTPException, _of_http)


async def _of_ours(_: Request, error: Exception) -> Response:
    return problem_of(cast("SalesmlError", error))


async def _of_validation(_: Request, error: Exception) -> Response:
    found = cast("RequestValidationError", error).errors()
    fields = [validation_error(one) for one in found]
    return problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        errors.InvalidValue.code,
        "the request is not as the documentation says; each error names its field",
        errors=fields,
    )


def validation_error(found: Mapping[str, Any]) -> Mapping[str, object]:
    """Field, code and reason of one of pydantic's errors, without its `input` and `ctx`."""
    where = [str(part) for part in found["loc"] if part not in ("body", "query", "path", "header")]
    return {"field": ".".join(where) or "body", "code": found["type"], "reason": found["msg"]}


async def _of_http(_: Request, error: Exception) -> Response:
    known = cast("HTTPException", error)
    status = HTTPStatus(known.status_code)
    code = _CODES.get(status, status.name.lower())
    return problem(status, code, status.description or status.phrase, headers=known.headers)

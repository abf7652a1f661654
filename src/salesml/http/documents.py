"""Problem documents (RFC 9457), whatever framework sends them: stable codes, no text of unexpected errors,
no echoed input."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import structlog

from salesml.core import errors
from salesml.core.errors import SalesmlError
from salesml.core.refusals import Refusal

MEDIA_TYPE = "application/problem+json"
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
"""Bodies of forms, which some routes take: where one is no good, its fields are told rather than a 415."""
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
    errors.KeyReused: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.RequestInWork: HTTPStatus.CONFLICT,
    errors.NotAuthenticated: HTTPStatus.UNAUTHORIZED,
    errors.LoginRefused: HTTPStatus.UNAUTHORIZED,
    errors.SignatureRefused: HTTPStatus.UNAUTHORIZED,
    errors.NotAllowed: HTTPStatus.FORBIDDEN,
    errors.TooManyAttempts: HTTPStatus.TOO_MANY_REQUESTS,
    errors.FileRefused: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.SourceRefused: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.FileUnreadable: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.FileTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.ColumnsMissing: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.Ambiguous: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.NoGoodRow: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.TooLittleData: HTTPStatus.CONFLICT,
    errors.NoModel: HTTPStatus.CONFLICT,
    errors.ModelRefused: HTTPStatus.CONFLICT,
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
MOST_ERRORS = 100
"""Of one answer; a large batch that is wrong throughout does not become a larger answer."""
_LONGEST_NAME = 100
_PLACES = ("body", "query", "path", "header")
_SERVER_FAULT = "something went wrong here; the log names it under this request's id"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Problem:
    """An answer: `document` goes as JSON of MEDIA_TYPE."""

    status: int
    document: Mapping[str, object]
    headers: Mapping[str, str] = field(default_factory=dict)


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    errors: Sequence[Mapping[str, object]] = (),
    refusal: Refusal | None = None,
    headers: Mapping[str, str] | None = None,
) -> Problem:
    """`errors` are {field, code, reason} and, in a batch or file, row; `refusal` is why a file is refused."""
    document: dict[str, object] = {
        "type": f"urn:salesml:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
    }
    if errors:
        document["errors"] = list(errors)
    if refusal is not None:
        document["refusal"] = refusal.plain()
    return Problem(status=status, document=document, headers=dict(headers or {}))


def problem_of(error: SalesmlError) -> Problem:
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
    refusal = error.refusal if isinstance(error, errors.FileRefused | errors.JobFailed) else None
    return problem(status, error.code, str(error), errors=fields, refusal=refusal, headers=headers)


def problem_of_validation(found: Sequence[Mapping[str, Any]]) -> Problem:
    """The answer to what pydantic found wrong with a request."""
    return problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        errors.InvalidValue.code,
        "the request is not as the documentation says; each error names its field",
        errors=[validation_error(one) for one in found[:MOST_ERRORS]],
    )


def validation_error(found: Mapping[str, Any]) -> Mapping[str, object]:
    """Field, code and reason of one of pydantic's errors, without its `input` and `ctx`."""
    is_json = found["type"] != "json_invalid"  # which counts characters where others name fields
    where = [str(part)[:_LONGEST_NAME] for part in found["loc"] if is_json and part not in _PLACES]
    return {"field": ".".join(where) or "body", "code": found["type"], "reason": found["msg"]}


def problem_of_status(status: int, headers: Mapping[str, str] | None = None) -> Problem:
    """The answer to an error of HTTP itself, such as a method that a route does not know."""
    known = HTTPStatus(status)
    code = _CODES.get(known, known.name.lower())
    return problem(known, code, known.description or known.phrase, headers=headers)


def unexpected() -> Problem:
    """The answer to an error that nobody foresaw: nothing of it is told."""
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "unexpected", _SERVER_FAULT)

"""A Flask blueprint on the same services as the API: to the same request both give the same answer."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from threading import Lock
from time import monotonic
from typing import Annotated, Any, TypeVar

import orjson
import structlog
from flask import Blueprint, Response, request
from pydantic import BaseModel, Field, TypeAdapter, ValidationError
from werkzeug.exceptions import BadRequest, HTTPException, UnsupportedMediaType

from salesml.core.errors import DatabaseBusy, DatabaseUnavailable, NotAuthenticated, SalesmlError
from salesml.http.documents import (
    FORMS,
    MEDIA_TYPE,
    Problem,
    problem_of,
    problem_of_status,
    problem_of_validation,
    unexpected,
)
from salesml.http.identities import KEPT_S
from salesml.http.schemas.clients import ClientFilters, client_document, clients_document
from salesml.http.schemas.predictions import PurchaseIn, SalesIn
from salesml.services import auth, clients
from salesml.services.auth import NO_TOKEN, Identity
from salesml.services.serving import POLL_S, Serving
from salesml.wiring import App

PREFIX = "/api/v1"
MAX_BODY_BYTES = 2**20
T = TypeVar("T")
Schema = TypeVar("Schema", bound=BaseModel)
_ROW_ID = TypeAdapter(Annotated[int, Field(ge=1, le=2**63 - 1)])
log = structlog.get_logger(__name__)


def blueprint(app: App) -> Blueprint:
    """Both predictions from features, the client list and one client, for users with an access token.

    `app` must stay open as long as the blueprint answers. Make it after a fork, in each process.
    """
    made = Blueprint("salesml", __name__, url_prefix=PREFIX)
    bearers, serving = _Bearers(app), _Fresh(Serving(app.tx))

    def sales() -> Response:
        return _json(serving.now().predict_sales(vars(_body(SalesIn))))

    def purchase() -> Response:
        return _json(serving.now().predict_purchase(vars(_body(PurchaseIn))))

    def list_clients() -> Response:
        currency = serving.now().currency
        page = app.tx.read(clients.page, _filters().query(currency), datetime.now(UTC))
        return _json(clients_document(page, currency))

    def get_client(client_id: str) -> Response:
        currency = serving.now().currency
        line = app.tx.read(clients.detail, _row_id(client_id), datetime.now(UTC))
        return _json(client_document(line, currency))

    made.before_request(bearers.check)
    made.after_request(_protected)
    made.add_url_rule("/predictions/sales", view_func=sales, methods=["POST"])
    made.add_url_rule("/predictions/purchase", view_func=purchase, methods=["POST"])
    made.add_url_rule("/clients", view_func=list_clients)
    made.add_url_rule("/clients/<client_id>", view_func=get_client)
    _install_problems(made)
    return made


class _Bearers:
    """Who may ask: the bearer of an access token, looked up at most once in KEPT_S."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._known: dict[int, tuple[float, Identity | None]] = {}

    def check(self) -> None:
        """Raises NotAuthenticated."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            raise NotAuthenticated(NO_TOKEN)
        claims = self._app.access_tokens.read(token.strip())
        auth.bearer(self._identity(claims.user_id), claims)

    def _identity(self, user_id: int) -> Identity | None:
        now = monotonic()
        until, known = self._known.get(user_id, (0.0, None))
        if now < until:
            return known
        found = self._app.tx.read(auth.identity, user_id, datetime.now(UTC))
        self._known[user_id] = (now + KEPT_S, found)
        return found


class _Fresh:
    """Brings the serving state up to date on the way to an answer, at most once in POLL_S.

    A thread that polls, as the server has, would not live through the fork of a Flask server, and nobody
    would stop it.
    """

    def __init__(self, serving: Serving) -> None:
        self._serving, self._lock, self._tried_at = serving, Lock(), -POLL_S

    def now(self) -> Serving:
        """While the database is away, the last good state goes on answering."""
        if monotonic() - self._tried_at >= POLL_S:
            with self._lock:
                self._refresh()
        return self._serving

    def _refresh(self) -> None:
        if monotonic() - self._tried_at < POLL_S:
            return  # another thread was first
        try:
            self._serving.refresh()
        except (DatabaseBusy, DatabaseUnavailable) as error:
            log.warning("serving goes on with an old state", reason=str(error))
        finally:
            self._tried_at = monotonic()


class _Invalid(Exception):
    """What pydantic found wrong with the request, or would have found."""

    def __init__(self, found: Sequence[Mapping[str, Any]]) -> None:
        self.found = found
        super().__init__()


def _body(schema: type[Schema]) -> Schema:
    """The checked body of this request. Raises _Invalid, and BadRequest or UnsupportedMediaType."""
    request.max_content_length = MAX_BODY_BYTES
    raw = request.get_data()
    if not raw:
        raise _Invalid([{"type": "missing", "loc": (), "msg": "Field required"}])
    if not request.is_json and request.mimetype not in FORMS:
        raise UnsupportedMediaType
    value = _parsed(raw) if request.is_json else raw
    return _valid(lambda: schema.model_validate(value, from_attributes=True))


def _filters() -> ClientFilters:
    """The checked query of a list; of what is given twice, the last one counts. Raises _Invalid."""
    given = {name: values[-1] for name, values in request.args.lists()}
    return _valid(lambda: ClientFilters.model_validate(given))


def _row_id(text: str) -> int:
    """Raises _Invalid."""
    return _valid(lambda: _ROW_ID.validate_python(text), "client_id")


def _valid(validate: Callable[[], T], *where: str) -> T:
    """What a schema makes of a value that stands at `where`. Raises _Invalid."""
    try:
        return validate()
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        raise _Invalid([{**one, "loc": (*where, *one["loc"])} for one in found]) from None


def _parsed(raw: bytes) -> object:
    try:
        return json.loads(raw)
    except json.JSONDecodeError as error:
        found = {"type": "json_invalid", "loc": (error.pos,), "msg": "JSON decode error"}
        raise _Invalid([found]) from None
    except (ValueError, RecursionError):
        raise BadRequest from None


def _json(answer: object) -> Response:
    return Response(orjson.dumps(answer), mimetype="application/json")


def _protected(answer: Response) -> Response:
    answer.headers.setdefault("Cache-Control", "no-store")
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


def _install_problems(made: Blueprint) -> None:
    """Answer every error by the problem document that the API would send."""
    made.register_error_handler(SalesmlError, lambda error: _problem(problem_of(error)))
    made.register_error_handler(_Invalid, lambda error: _problem(problem_of_validation(error.found)))
    made.register_error_handler(HTTPException, lambda error: _problem(problem_of_status(error.code or 500)))
    made.register_error_handler(Exception, _of_unexpected)


def _of_unexpected(error: Exception) -> Response:
    log.error("request raised", exc_info=error)
    return _problem(unexpected())


def _problem(found: Problem) -> Response:
    return Response(orjson.dumps(found.document), found.status, dict(found.headers), mimetype=MEDIA_TYPE)

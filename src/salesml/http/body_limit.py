"""No request body larger than it may be, whatever its headers say."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from salesml.http.problems import problem

MAX_BODY_BYTES = 10 * 1024**2
"""Of everything but forms with files."""
FORM_BYTES = 128 * 1024
"""What a form may hold beside its file."""
_TOO_LARGE = 413


class BodyLimit:
    """Ends reading where the limit is, for a length that was told before the first byte is read.

    Whoever reads gets an HTTPException, and so the route's own kind of answer. Forms with files may hold
    `max_upload_bytes` and FORM_BYTES.
    """

    def __init__(self, app: ASGIApp, max_upload_bytes: int) -> None:
        self._app, self._max_upload_bytes = app, max_upload_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        is_upload = headers.get("content-type", "").lower().startswith("multipart/form-data")
        most = self._max_upload_bytes + FORM_BYTES if is_upload else MAX_BODY_BYTES
        request = _Limited(most, declared=_length(headers))
        await self._app(scope, request.receiving(receive), request.sending(scope, receive, send))


class _Limited:
    """One request; `over` is set once somebody has asked for more than there may be."""

    def __init__(self, most: int, *, declared: int) -> None:
        self._most, self._declared = most, declared
        self._received, self._over, self._replaced = 0, False, False

    def receiving(self, receive: Receive) -> Receive:
        async def counting() -> Message:
            if self._declared <= self._most and not self._over:
                message = await receive()
                self._received += len(message.get("body", b""))
                if self._received <= self._most:
                    return message
            self._over = True
            raise HTTPException(_TOO_LARGE)

        return counting

    def sending(self, scope: Scope, receive: Receive, send: Send) -> Send:
        async def deciding(message: Message) -> None:
            if self._replaced:
                return
            if not self._over or message["type"] != "http.response.start":
                await send(message)
            elif message["status"] == _TOO_LARGE:
                # The rest of the body is not read, so nothing can follow on this connection.
                MutableHeaders(scope=message)["Connection"] = "close"
                await send(message)
            else:  # what a route made of the broken body is not what happened
                self._replaced = True
                await _problem()(scope, receive, send)

        return deciding


def _length(headers: Headers) -> int:
    try:
        return int(headers.get("content-length", "0"))
    except ValueError:
        return 0


def _problem() -> ASGIApp:
    detail = "the body is larger than this server takes"
    return problem(_TOO_LARGE, "too_large", detail, headers={"Connection": "close"})

"""No request body larger than it may be, whatever its headers say."""

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from salesml.http.problems import problem

MAX_BODY_BYTES = 10 * 1024**2
"""Of everything but forms with files."""


class BodyLimit:
    """Answers 413 at once for a length that is too large, and while reading for one that was not told.

    Never more than the limit is read; forms with files may have `max_upload_bytes`.
    """

    def __init__(self, app: ASGIApp, max_upload_bytes: int) -> None:
        self._app, self._max_upload_bytes = app, max_upload_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        most = self._most(headers.get("content-type", ""))
        if _declared(headers) > most:
            await _too_large()(scope, receive, send)
            return
        await _Counted(self._app, most)(scope, receive, send)

    def _most(self, content_type: str) -> int:
        is_upload = content_type.lower().startswith("multipart/form-data")
        return self._max_upload_bytes if is_upload else MAX_BODY_BYTES


class _Counted:
    """One request; `over` is set once more was received than may be."""

    def __init__(self, app: ASGIApp, most: int) -> None:
        self._app, self._most = app, most
        self._received, self._over, self._answered = 0, False, False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def counting() -> Message:
            message = await receive()
            self._received += len(message.get("body", b""))
            if self._received > self._most:
                self._over = True
                raise HTTPException(413)
            return message

        async def deciding(message: Message) -> None:
            if not self._over:
                await send(message)
            elif not self._answered:  # what the route made of the error is not what happened
                self._answered = True
                await _too_large()(scope, receive, send)

        await self._app(scope, counting, deciding)


def _declared(headers: Headers) -> int:
    try:
        return int(headers.get("content-length", "0"))
    except ValueError:
        return 0


def _too_large() -> ASGIApp:
    return problem(
        413, "too_large", "the body is larger than this server takes", headers={"Connection": "close"}
    )

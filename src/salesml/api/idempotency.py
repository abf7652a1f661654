"""`Idempotency-Key`: a request that is sent again is answered again, and done once."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Header, Request, Response

from salesml.api.bodies import json_answer
from salesml.core.errors import RequestInWork
from salesml.core.idempotency import MAX_KEY_LENGTH, KeyedRequest, digest_of
from salesml.core.users import User
from salesml.http.state import HttpState
from salesml.services import idempotency
from salesml.services.ports.unit_of_work import UnitOfWork

REPLAYED = "Idempotency-Replayed"
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=MAX_KEY_LENGTH,
        description="names this request for 24 hours: sent again under its key, it is answered as the "
        "first time and nothing is done again",
        examples=["7f0c1c6e-2f6f-4f0e-8a38-1a2b6a0c9d11"],
    ),
]
REPLAYED_HEADER: dict[int | str, dict[str, Any]] = {
    200: {
        "headers": {
            REPLAYED: {
                "description": "`true` on an answer that was given before",
                "schema": {"type": "string", "enum": ["true"]},
            }
        }
    }
}


async def answer_once(
    request: Request,
    state: HttpState,
    user: User,
    key: str | None,
    answer: Callable[[UnitOfWork], dict[str, object]],
) -> Response:
    """Run a use case that makes an answer, in a transaction; under a key, at most once.

    Raises KeyReused, RequestInWork, InvalidValue for a key that is none.
    """
    if key is None:
        return json_answer(await state.tx.run(answer))
    asked = KeyedRequest(
        user_id=user.id,
        key=key,
        digest=digest_of(f"{request.url.path}?{request.url.query}", await request.body()),
    )
    in_work = (user.id, key)
    # SQLite lets writers wait for each other, and the second would then find the answer of the first:
    # within a server it is told at once instead, as on PostgreSQL.
    if in_work in state.keys_in_work:
        raise RequestInWork(f"a request under the key {key!r} is being worked on; ask again later")
    state.keys_in_work.add(in_work)
    try:
        kept, replayed = await state.tx.run(idempotency.once, asked, datetime.now(UTC), answer)
    finally:
        state.keys_in_work.discard(in_work)
    response = json_answer(kept.document)
    if replayed:
        response.headers[REPLAYED] = "true"
    return response

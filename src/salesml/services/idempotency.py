"""Doing once what is asked for several times, as when an answer was lost on its way.

A user's key stands for one request (Stripe's API and draft-ietf-httpapi-idempotency-key-header). The
answer is kept in the transaction that did the work, so there is never one without the other. A request
that fails leaves neither: under its key it may be tried again.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from salesml.core.errors import KeyReused
from salesml.core.idempotency import KEPT_FOR, KeptAnswer, KeyedRequest
from salesml.services.ports.unit_of_work import UnitOfWork

_OK = 200


def once(
    uow: UnitOfWork,
    asked: KeyedRequest,
    now: datetime,
    use_case: Callable[..., dict[str, object]],
    *args: Any,
    **kwargs: Any,
) -> tuple[KeptAnswer, bool]:
    """The answer of the use case, and whether it was given before; then nothing is done again.

    Raises KeyReused for another request under the same key, RequestInWork while the first one is not
    finished, and what the use case raises.
    """
    uow.idempotency.claim(asked)
    uow.idempotency.forget(now - KEPT_FOR)
    kept = uow.idempotency.find(asked)
    if kept is not None:
        if kept.digest != asked.digest:
            raise KeyReused(f"the key {asked.key!r} was used for another request; take a new one")
        return kept, True
    document = use_case(uow, *args, **kwargs)
    uow.idempotency.keep(asked, _OK, document, now)
    return KeptAnswer(digest=asked.digest, status=_OK, document=document), False

"""Clients who may be one person: proposed, made one, made two again, or called two people."""

from collections.abc import Sequence
from datetime import datetime

from salesml.core.errors import InvalidValue
from salesml.core.merges import MOST_SHOWN, DuplicateGroup, Merge
from salesml.core.money import Currency
from salesml.core.pages import DEFAULT_LIMIT, Page, check_limit, decode_cursor, encode_cursor
from salesml.services import dashboard, installation
from salesml.services.ports.unit_of_work import UnitOfWork

_SCOPE = "duplicates"


def duplicates(
    uow: UnitOfWork, *, limit: int = DEFAULT_LIMIT, cursor: str | None = None
) -> tuple[Page[DuplicateGroup], Currency]:
    """Clients with the same e-mail address, by address, and what their money is in.

    Raises InvalidValue for the limit, InvalidCursor.
    """
    after = None if cursor is None else str(decode_cursor(_SCOPE, cursor, ((str,),))[0])
    found = uow.merges.duplicates(check_limit(limit) + 1, after)
    items, more = tuple(found[:limit]), len(found) > limit
    page = Page(items=items, next_cursor=encode_cursor(_SCOPE, (items[-1].email,)) if more else None)
    return page, installation.current(uow).currency


def merge(
    uow: UnitOfWork, client_id: int, others: Sequence[int], *, actor: str, now: datetime
) -> Sequence[Merge]:
    """Make the others part of a client: ids, orders and activity become its own, and it gets what it lacks.

    Forecasts of the others wait in their merges; those of the client follow with the next scoring.
    Raises NotFound, InvalidValue for nobody, too many or the client itself.
    """
    _check([client_id, *others])
    uow.clients.take_turns()
    for each in (client_id, *others):
        uow.clients.get(each)
    merges = [uow.merges.merge(client_id, other, actor=actor, now=now) for other in others]
    dashboard.clients_changed(uow, now)
    detail: dict[str, object] = {"merged": [str(other) for other in others]}
    uow.audit.add(at=now, actor=actor, action="client.merged", subject=f"client {client_id}", detail=detail)
    return merges


def undo(uow: UnitOfWork, merge_id: int, *, actor: str, now: datetime) -> int:
    """Make a merged client one of its own again, with the ids and values that it had; answers its id.

    Orders and activity that came for those ids meanwhile go with them. Raises NotFound.
    """
    uow.clients.take_turns()
    merged = uow.merges.get(merge_id)
    client_id = uow.merges.undo(merge_id)
    dashboard.clients_changed(uow, now)
    uow.audit.add(
        at=now,
        actor=actor,
        action="client.unmerged",
        subject=f"client {merged.client_id}",
        detail={"restored": str(client_id)},
    )
    return client_id


def keep_apart(uow: UnitOfWork, client_ids: Sequence[int], *, actor: str, now: datetime) -> None:
    """Remember that every two of the clients are two people, so that nobody proposes them again.

    Raises NotFound, InvalidValue for fewer than two or too many.
    """
    _check(client_ids)
    uow.clients.take_turns()
    for each in client_ids:
        uow.clients.get(each)
    uow.merges.keep_apart(client_ids)
    detail: dict[str, object] = {"apart": [str(each) for each in client_ids]}
    uow.audit.add(
        at=now, actor=actor, action="client.kept_apart", subject=f"client {client_ids[0]}", detail=detail
    )


def of_client(uow: UnitOfWork, client_id: int) -> Sequence[Merge]:
    """What was merged into a client, the newest first. Raises NotFound."""
    uow.clients.get(client_id)
    return uow.merges.of_client(client_id)


def _check(client_ids: Sequence[int]) -> None:
    if not 2 <= len(client_ids) <= MOST_SHOWN:
        raise InvalidValue("client_ids", f"must name 2 to {MOST_SHOWN} clients")
    if len(set(client_ids)) < len(client_ids):
        raise InvalidValue("client_ids", "must name each client once")

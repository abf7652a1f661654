"""Clients who may be one person, and those who were made one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from salesml.core.clients import CONSENTS, Client, ExternalId

MOST_SHOWN = 20
"""Clients of one e-mail address that are shown; more have a placeholder for an address."""


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One of several clients with the same e-mail address; `net` in minor units."""

    client: Client
    orders: int
    net: int
    last_order_day: int | None


@dataclass(frozen=True, kw_only=True)
class DuplicateGroup:
    """Clients with one e-mail address, the oldest first, at most MOST_SHOWN of `total`; `distinct` are pairs
    of ids, the smaller one first, that somebody has called two people."""

    email: str
    candidates: tuple[Candidate, ...]
    total: int
    distinct: frozenset[tuple[int, int]] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Merge:
    """A client that became part of `client_id`: what it was called, and the ids that were its own."""

    id: int
    client_id: int
    merged_client_id: int
    first_name: str | None
    last_name: str | None
    email: str | None
    external_ids: tuple[ExternalId, ...]
    merged_at: datetime
    merged_by: str


def gained(kept: Mapping[str, Any], gone: Mapping[str, Any]) -> dict[str, Any]:
    """What a client gets from the one that becomes part of it; both are rows, times as numbers.

    A name or address that it has stays. It has been registered since the earlier of both days. Of each
    consent the newer word counts, and of two without a date the refusal.
    """
    given: dict[str, Any] = {}
    if not (kept["first_name"] or kept["last_name"]):
        given |= {name: gone[name] for name in ("first_name", "last_name")}
    if not kept["email"]:
        given["email"] = gone["email"]
    if _is_earlier(gone["registered_at"], kept["registered_at"]):
        given |= {name: gone[name] for name in ("registered_at", "registered_day")}
    for name in CONSENTS:
        if _counts_more(gone[name], gone[f"{name}_at"], kept[name], kept[f"{name}_at"]):
            given |= {each: gone[each] for each in (name, f"{name}_at")}
    return {name: value for name, value in given.items() if value != kept[name]}


def _is_earlier(at: int | None, than: int | None) -> bool:
    return at is not None and (than is None or at < than)


def _counts_more(granted: bool | None, at: int | None, other: bool | None, other_at: int | None) -> bool:
    if granted is None or other is None:
        return granted is not None
    if at is None and other_at is None:
        return not granted
    return (at or 0) > (other_at or 0)

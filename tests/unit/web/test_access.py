"""Who may open which page: this table, and no page outside of it."""

from collections.abc import Iterator

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from salesml.web import visits
from salesml.web.pages import ROUTERS

GUESTS = {"GET /login", "POST /login", "POST /logout", "POST /language"}
ADMINISTRATORS = {
    "GET /users",
    "POST /users",
    "POST /users/{user_id}/password",
    "POST /users/{user_id}/role",
    "POST /users/{user_id}/access",
    "POST /clients/{client_id}/delete",
    "GET /clients/{client_id}/erase",
    "POST /clients/{client_id}/erase",
    "GET /exports/audit",
    "POST /models/training",
    "POST /models/league",
    "POST /models/threshold",
    "POST /models/{version_id}/promote",
    "POST /models/{target}/roll-back",
}
"""Every other page is for whoever is signed in."""


def test_every_page_says_who_may_open_it_and_the_table_agrees() -> None:
    guards = dict(_guards())
    assert {name for name, guard in guards.items() if guard is visits.guest} == GUESTS
    assert {name for name, guard in guards.items() if guard is visits.administrator} == ADMINISTRATORS
    assert set(guards.values()) == {visits.guest, visits.member, visits.administrator}


def _guards() -> Iterator[tuple[str, object]]:
    for router in ROUTERS:
        for route in router.routes:
            assert isinstance(route, APIRoute)
            found = set(_calls(route.dependant))
            # The strictest one counts: an administrator's visit is made from a member's, that from a guest's.
            guard = next(
                (one for one in (visits.administrator, visits.member, visits.guest) if one in found), None
            )
            for method in route.methods or ():
                yield f"{method} {route.path}", guard


def _calls(dependant: Dependant) -> Iterator[object]:
    for inner in dependant.dependencies:
        yield inner.call
        yield from _calls(inner)

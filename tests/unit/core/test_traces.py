"""By what a person is known again in texts, and by what not."""

from typing import Any

import pytest

from salesml.core.clients import ExternalId
from salesml.core.traces import GONE, Traces, cells_of, lines_of


def traces(
    *, number: str = "C-0042", email: str = "anna@x.pl", name: tuple[str, ...] = ("Anna", "Żak")
) -> Traces:
    return Traces(
        ids=frozenset({ExternalId(source="shop", external_id=number)}),
        emails=frozenset({email}),
        names=frozenset({name}),
    )


TOLD: list[tuple[list[str], int | None]] = [
    (["C-0042", "Jan", "5"], 0),
    (["x", "C-0042"], None),
    (["", "Ewa", "ANNA@x.pl"], 0),
    (["", "write to <anna@x.pl>, please"], 0),
    (["", "ŻAK", "anna"], 0),
    (["", "Anna Żak"], 0),
    (["C-0042"], 3),
]
NOT_TOLD: list[tuple[list[str], int | None]] = [
    (["C-0043", "C-0042"], 0),
    (["", "joanna@x.pl"], 0),
    (["", "anna@x.pl.example"], 0),
    (["", "Anna", "Nowak"], 0),
    (["", "Annabel Żakowska"], 0),
    ([], 0),
]


@pytest.mark.parametrize(("cells", "place"), TOLD)
def test_a_row_tells_of_a_person_by_id_address_or_whole_name(cells: list[str], place: int | None) -> None:
    assert traces().in_row("shop", cells, place)


@pytest.mark.parametrize(("cells", "place"), NOT_TOLD)
def test_a_row_of_somebody_else_is_left_alone(cells: list[str], place: int | None) -> None:
    assert not traces().in_row("shop", cells, place)


def test_an_id_of_another_source_is_somebody_else() -> None:
    assert not traces().in_row("web", ["C-0042", "Jan"], 0)


def test_a_single_name_tells_of_too_many() -> None:
    assert not traces(name=("Anna",)).in_row("shop", ["", "Anna"], 0)
    assert traces(name=("Zakład Krawiecki Łucja",)).in_row("shop", ["", "ZAKŁAD KRAWIECKI ŁUCJA"], 0)


REDACTED: list[tuple[Any, Any]] = [
    ("mail anna@x.pl now", f"mail {GONE} now"),
    ({"query": "WHERE id = 'C-0042'"}, {"query": f"WHERE id = '{GONE}'"}),
    ({"client_id": "C-0042", "n": 3}, {"client_id": GONE, "n": 3}),
    ({"first": "Anna", "last": "Żak", "kind": "orders"}, {"first": GONE, "last": GONE, "kind": "orders"}),
    ({"cells": [["C-0042", "Anna", "Żak"], ["C-1", "Anna", "Nowak"]]}, None),
    (["Żak Anna bought"], [GONE]),
    ("joanna@x.pl", "joanna@x.pl"),
    ({"sha256": "c-0042ff"}, {"sha256": "c-0042ff"}),
    ([None, 5, True, 1.5], [None, 5, True, 1.5]),
]


@pytest.mark.parametrize(("value", "wanted"), REDACTED)
def test_documents_are_kept_without_the_person(value: object, wanted: object) -> None:
    if wanted is None:
        wanted = {"cells": [[GONE, GONE, GONE], ["C-1", "Anna", "Nowak"]]}
    assert traces().redacted(value) == wanted


@pytest.mark.parametrize("number", ["7", "2026", "orders", "12345"])
def test_a_short_id_is_taken_out_only_where_an_id_stands(number: str) -> None:
    kept = {"kind": "orders", "as_of": "2026", "rows": "7", "text": f"about {number} of them"}
    assert traces(number=number).redacted({**kept, "client_id": number}) == {**kept, "client_id": GONE}


def test_a_malformed_row_is_one_cell() -> None:
    assert cells_of('a,"b', None) == ["a", "b"]
    assert cells_of("a\rb", None) == ["a\rb"]
    assert lines_of('1,"a\nb"\n2, c', None) == [["1", "a\nb"], ["2", "c"]]
    assert cells_of(None, " 7 ") == ["7"]
    assert cells_of(None, None) == []

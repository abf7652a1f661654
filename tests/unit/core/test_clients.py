"""Clients are found by what a person types, and keep the ids that their shop gave them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesml.core.clients import MAX_ID_LENGTH, ExternalId, search_key
from salesml.core.errors import InvalidValue


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Łódź", "lodz"),
        ("ŁÓDŹ", "lodz"),
        ("Zażółć gęślą jaźń", "zazolc gesla jazn"),
        ("Straße", "strasse"),
        ("STRASSE", "strasse"),
        ("ẞ", "ss"),
        ("Jørgen Ærø", "jorgen aero"),
        ("Ǿ", "o"),
        ("Đặng", "dang"),
        ("Þórður", "thordur"),
        ("Cœur", "coeur"),
        ("I\u015f\u0131k", "isik"),
        ("İstanbul", "istanbul"),
        ("Ħal", "hal"),
        ("Škvorecký", "skvorecky"),
        ("ﬁn", "fin"),
        ("\u212a", "k"),
        ("O'Neill", "o'neill"),
    ],
)
def test_names_are_found_without_their_diacritics(text: str, key: str) -> None:
    assert search_key(text) == key


def test_composed_and_combining_accents_are_the_same_name() -> None:
    assert search_key("Zoe\u0308 Nowako\u0301w") == search_key("Zo\u00eb Nowak\u00f3w") == "zoe nowakow"


def test_missing_parts_and_extra_spaces_leave_no_trace() -> None:
    assert search_key(" Anna", None, "", "\u00a0Nowak  Król ") == "anna nowak krol"
    assert search_key(None) == ""


@given(st.text())
def test_a_search_key_is_its_own_search_key_and_ignores_case(text: str) -> None:
    key = search_key(text)
    assert search_key(key) == key
    assert key == key.strip()
    assert search_key(text.casefold()) == key


@pytest.mark.parametrize("external_id", ["00017", "1234567890123456789", "a b", "x" * MAX_ID_LENGTH])
def test_ids_are_kept_as_the_text_they_are(external_id: str) -> None:
    assert ExternalId(source="default", external_id=external_id).external_id == external_id


@pytest.mark.parametrize("text", ["", " 1", "1\t", "x" * (MAX_ID_LENGTH + 1)])
@pytest.mark.parametrize("field", ["source", "external_id"])
def test_empty_padded_and_endless_ids_are_refused_by_name(field: str, text: str) -> None:
    values = {"source": "default", "external_id": "17"} | {field: text}
    with pytest.raises(InvalidValue) as caught:
        ExternalId(**values)
    assert caught.value.field == field

"""Addresses and passwords that are accepted, and those that are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesml.core.errors import InvalidValue
from salesml.core.users import MAX_PASSWORD, MIN_PASSWORD, check_password, clean_email


@pytest.mark.parametrize(
    ("text", "email"),
    [
        ("Ewa.Nowak@Shop.Example", "ewa.nowak@shop.example"),
        ("  ewa@shop.example\n", "ewa@shop.example"),
        ("ewa+sales@mail.shop.example", "ewa+sales@mail.shop.example"),
        ("admin@localhost", "admin@localhost"),
        ("żółw@sklep.example", "żółw@sklep.example"),
    ],
)
def test_addresses_are_trimmed_and_lower_cased(text: str, email: str) -> None:
    assert clean_email(text) == email


@pytest.mark.parametrize(
    "text",
    ["", "ewa", "@shop.example", "ewa@", "ewa@shop", "ewa nowak@shop.example", "a@b@c.example", "a@.",
     "ewa@shop.example, jan@shop.example", "x" * 250 + "@a.example"],
)  # fmt: skip
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        clean_email(text)
    assert caught.value.field == "email"


@given(st.from_regex(r"[A-Za-zŻżİ.+]{1,20}@[A-Za-z]{1,10}\.[A-Za-z]{2,5}", fullmatch=True))
def test_a_cleaned_address_is_cleaned_to_itself(text: str) -> None:
    assert clean_email(clean_email(text)) == clean_email(text)


@given(st.text(min_size=MIN_PASSWORD, max_size=MAX_PASSWORD))
def test_a_password_of_allowed_length_is_never_changed(text: str) -> None:
    assert check_password(text) == text


@pytest.mark.parametrize("length", [0, MIN_PASSWORD - 1, MAX_PASSWORD + 1])
def test_a_password_of_another_length_is_refused_without_being_shown(length: int) -> None:
    with pytest.raises(InvalidValue, match=f"{MIN_PASSWORD} to {MAX_PASSWORD}") as caught:
        check_password("x" * length)
    assert "xx" not in str(caught.value)

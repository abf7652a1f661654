"""No minor unit is lost or invented between a file, the database and an answer."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesml.core.errors import InvalidValue
from salesml.core.money import MAX_MINOR, Currency

CURRENCIES = [Currency(code) for code in ("PLN", "JPY", "KWD", "CLF")]
currencies = st.sampled_from(CURRENCIES)
amounts = st.integers(-MAX_MINOR, MAX_MINOR)


@pytest.mark.parametrize(("code", "exponent"), [("PLN", 2), ("EUR", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4)])
def test_minor_units_have_the_decimals_of_iso_4217(code: str, exponent: int) -> None:
    assert Currency(code).exponent == exponent


@pytest.mark.parametrize("code", ["", "pln", "PL", "PLNN", "P1N", "PLN\n", "ŁŁŁ"])
def test_what_is_no_currency_code_is_refused(code: str) -> None:
    with pytest.raises(InvalidValue, match="ISO 4217") as caught:
        Currency(code)
    assert caught.value.field == "currency"


@given(currencies, amounts)
def test_minor_units_survive_the_way_to_major_units_and_back(currency: Currency, minor: int) -> None:
    major = currency.to_major(minor)
    assert currency.to_minor(major) == minor
    assert currency.parse(format(major, "f")) == minor


@given(currencies, amounts)
def test_major_units_show_every_decimal_of_the_currency(currency: Currency, minor: int) -> None:
    exponent = currency.to_major(minor).as_tuple().exponent
    assert exponent == -currency.exponent


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("0.005", 0), ("0.015", 2), ("0.025", 2), ("0.0251", 3), ("-0.005", 0), ("-0.015", -2),
        ("0.005000000000000000000000000000000001", 1), ("12.30", 1230), (" 7 ", 700), ("1e2", 10000),
        ("-0", 0),
    ],
)  # fmt: skip
def test_halves_of_a_minor_unit_go_to_the_even_neighbour(text: str, minor: int) -> None:
    assert Currency("PLN").parse(text) == minor


@given(currencies, st.decimals(-(10**10), 10**10, places=7))
def test_rounding_moves_an_amount_by_at_most_half_a_minor_unit(currency: Currency, amount: Decimal) -> None:
    error = currency.to_major(currency.to_minor(amount)) - amount
    assert abs(error) * 2 <= Decimal(1).scaleb(-currency.exponent)


@given(currencies, st.lists(st.integers(-(10**9), 10**9), max_size=20))
def test_a_sum_of_lines_is_exact_before_it_is_rounded(currency: Currency, minors: list[int]) -> None:
    assert currency.to_minor(sum(map(currency.to_major, minors), Decimal(0))) == sum(minors)


@pytest.mark.parametrize("text", ["NaN", "sNaN", "Infinity", "-Infinity"])
def test_what_is_not_a_finite_number_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue, match="is not a number"):
        Currency("PLN").parse(text)


@pytest.mark.parametrize("text", ["", "abc", "1,50", "1.2.3", "12 zł"])
def test_what_is_no_plain_number_is_refused_and_shown(text: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        Currency("PLN").parse(text)
    assert repr(text) in str(caught.value)


@pytest.mark.parametrize("currency", CURRENCIES, ids=lambda currency: currency.code)
@pytest.mark.parametrize("sign", [1, -1])
def test_amounts_beyond_the_limit_are_refused_and_the_limit_itself_is_not(
    currency: Currency, sign: int
) -> None:
    assert currency.to_minor(currency.to_major(sign * MAX_MINOR)) == sign * MAX_MINOR
    with pytest.raises(InvalidValue, match="out of range"):
        currency.to_minor(currency.to_major(sign * (MAX_MINOR + 1)))


@pytest.mark.parametrize("text", ["1e30", "-1e30", "1e999999", "9" * 40])
def test_monstrous_numbers_are_refused_in_the_same_words_as_large_ones(text: str) -> None:
    with pytest.raises(InvalidValue, match="amount: is out of range"):
        Currency("PLN").parse(text)

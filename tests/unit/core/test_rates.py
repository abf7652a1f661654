"""Exchange rates: which one holds, and what it makes of an amount."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesml.core.errors import InvalidValue
from salesml.core.money import Currency
from salesml.core.rates import Rate, RateTable, convert

PLN, JPY = Currency("PLN"), Currency("JPY")


def eur(day: int, rate: str = "4.25") -> Rate:
    return Rate(currency="EUR", day=day, rate=Decimal(rate))


@pytest.mark.parametrize(("day", "found"), [(9, None), (10, 10), (13, 10), (14, 14), (21, 14), (22, None)])
def test_the_rate_of_a_day_is_the_latest_not_after_it_and_a_week_old_at_most(
    day: int, found: int | None
) -> None:
    rate = RateTable([eur(14), eur(10)]).of("EUR", day)
    assert (rate.day if rate else None) == found


def test_another_currency_has_no_rate() -> None:
    assert RateTable([eur(10)]).of("USD", 10) is None


@pytest.mark.parametrize(
    ("minor", "rate", "to", "found"),
    [
        (3582, "4.25", PLN, 15224),
        (2, "4.25", PLN, 8),
        (6, "4.25", PLN, 26),
        (-2, "4.25", PLN, -8),
        (100, "0.5", JPY, 0),
        (300, "0.5", JPY, 2),
        (10**15, "0.00000000000000000001", PLN, 0),
    ],
)
def test_an_amount_is_rounded_half_even_once(minor: int, rate: str, to: Currency, found: int) -> None:
    assert convert(minor, eur(10, rate), to) == found


@given(st.integers(-(10**13), 10**13), st.decimals("0.000001", "99", places=6))
def test_conversion_is_exact_to_half_a_minor_unit_and_odd(minor: int, rate: Decimal) -> None:
    exact = Fraction(minor) * Fraction(rate)
    found = convert(minor, eur(10, str(rate)), PLN)
    assert abs(found - exact) <= Fraction(1, 2)
    assert convert(-minor, eur(10, str(rate)), PLN) == -found


def test_an_amount_beyond_reach_is_refused() -> None:
    with pytest.raises(InvalidValue, match="out of range"):
        convert(10**15, eur(10, "2"), PLN)


@pytest.mark.parametrize(
    ("currency", "day", "rate"),
    [("euro", 10, "1"), ("EUR", -1, "1"), ("EUR", 10, "0"), ("EUR", 10, "-1"), ("EUR", 10, "NaN")],
)
def test_a_wrong_rate_cannot_be_made(currency: str, day: int, rate: str) -> None:
    with pytest.raises(InvalidValue):
        Rate(currency=currency, day=day, rate=Decimal(rate))

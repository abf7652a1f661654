"""What a refund takes of an amount: exact, halves to the even neighbour."""

from decimal import ROUND_HALF_EVEN, Decimal, localcontext

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesml.core.money import EXPONENTS, Currency
from salesml.data import money

AMOUNTS = st.integers(1, 10**15)


def answer(sql: str) -> int:
    with duckdb.connect() as con:
        return int(con.execute(f"SELECT {sql}").fetchall()[0][0])


@given(AMOUNTS, AMOUNTS, AMOUNTS)
def test_a_share_is_rounded_half_even(amount: int, part: int, whole: int) -> None:
    with localcontext(prec=80):
        exact = (Decimal(amount) * part / whole).quantize(Decimal(1), ROUND_HALF_EVEN)
    assert answer(money.share(f"{amount}", f"{part}", f"{whole}")) == exact


@pytest.mark.parametrize(("amount", "found"), [(1, 0), (3, 2), (5, 2), (7, 4)])
def test_a_half_goes_to_the_even_neighbour(amount: int, found: int) -> None:
    assert answer(money.share(str(amount), "1", "2")) == found


def test_every_currency_has_its_own_decimals() -> None:
    for code in ("PLN", "EUR", *(code for codes in EXPONENTS.values() for code in codes)):
        assert answer(money.exponent_of(f"'{code.lower()}'", Currency("PLN"))) == Currency(code).exponent

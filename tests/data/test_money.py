"""Money is exact, and rounded half-even once."""

from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from salesml.core.money import Currency
from salesml.data import numbers
from salesml.data.sql import pipeline

Stage = Callable[..., Any]
HALVES = ["0.125", "0.135", "-0.125", "-0.135", "2.5", "-2.5", "0.005", "-0.005", "0.0050000000000001"]
PLAIN = st.decimals(min_value=-(10**9), max_value=10**9, places=9).map(lambda number: format(number, "f"))
MONEY_FILE = settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def half_even(amount: Decimal, exponent: int) -> int:
    return int(amount.scaleb(exponent).to_integral_value(ROUND_HALF_EVEN))


@pytest.mark.parametrize("exponent", [0, 2, 3, 4])
@settings(max_examples=10, deadline=None)
@given(texts=st.lists(PLAIN, min_size=1, max_size=50))
@example(texts=HALVES)
def test_amounts_round_half_even_like_decimal(exponent: int, texts: list[str]) -> None:
    steps = [*numbers.parsed("amount"), *numbers.exact(["amount"])]
    table = pa.table({"amount": texts})
    with duckdb.connect() as con:
        con.register("raw", table)
        minor = numbers.minor("whole", "frac", exponent)
        found = con.execute(f"SELECT {minor} FROM {pipeline('raw', steps)}").fetchall()
    assert [row[0] for row in found] == [half_even(Decimal(text), exponent) for text in texts]


FACTOR = st.decimals(min_value=-(10**4), max_value=10**4, places=6).map(lambda number: format(number, "f"))


@MONEY_FILE
@given(lines=st.lists(st.tuples(st.integers(1, 5), FACTOR, FACTOR), min_size=2, max_size=40))
@example(lines=[(1, "0.05", "0.1"), (1, "0.1", "0.1"), (2, "0.333333", "3")])
def test_lines_are_summed_exactly_and_rounded_once(stage: Stage, lines: list[tuple[int, str, str]]) -> None:
    rows = [f"{order},a,2026-01-02,{quantity},{price}" for order, quantity, price in lines]
    result = stage("\n".join(("order_id,client_id,ordered_at,quantity,unit_price", *rows)) + "\n")
    sums: dict[str, Decimal] = {}
    for order, quantity, price in lines:
        sums[str(order)] = sums.get(str(order), Decimal(0)) + Decimal(quantity) * Decimal(price)
    assert {each["order_id"]: each["amount"] for each in result.good} == {
        order: half_even(total, 2) for order, total in sums.items()
    }
    assert all((each["kind"] == "cancellation") == (each["amount"] < 0) for each in result.good)


CENTS = st.integers(-(10**7), 10**7).map(lambda cents: format(Decimal(cents).scaleb(-2), "f"))
ENDING = st.sampled_from(["PLN", "PLN", "PLN", "EUR"])


@pytest.mark.parametrize("lines", [True, False])
@MONEY_FILE
@given(
    rows=st.lists(st.tuples(st.integers(1, 9), st.sampled_from("ab"), CENTS, ENDING), min_size=1, max_size=40)
)
def test_money_in_equals_money_kept_plus_money_set_aside(
    stage: Stage, lines: bool, rows: list[tuple[int, str, str, str]]
) -> None:
    text = "".join(f"{n},{client},2026-01-02,{amount},{code}\n" for n, client, amount, code in rows)
    result = stage(f"order_id,client_id,ordered_at,amount,currency\n{text}", lines=lines)
    amounts = [Currency("PLN").parse(amount) for _, _, amount, _ in rows]
    aside = {each["row"] for each in result.rejected}
    kept = {each["row"] for each in result.good}
    assert sum(each["amount"] for each in result.good) == sum(
        amount for row, amount in enumerate(amounts, 1) if row not in aside and (lines or row in kept)
    )
    assert len(aside) == result.staged.rejected
    if not lines:
        assert len(kept) + len(aside) + result.staged.repeated == len(rows)


def test_identical_lines_all_count(stage: Stage) -> None:
    text = "order_id,client_id,ordered_at,quantity,unit_price\n" + "1,a,2026-01-02,2,1.005\n" * 3
    result = stage(text, decimal="point")
    assert [each["amount"] for each in result.good] == [603]
    assert result.staged.repeated == 0


def test_floats_of_parquet_mean_their_shortest_decimal(stage: Stage, tmp_path: Path) -> None:
    path = tmp_path / "floats.parquet"
    amounts = [0.1 + 0.2, 1.005, 1e-7, 19.99, float("nan"), None]
    table = pa.table({"client_id": ["a"] * 6, "ordered_at": ["2026-01-02"] * 6, "amount": amounts})
    pa.parquet.write_table(table, path)
    result = stage(path)
    assert [each["amount"] for each in result.good] == [30, 100, 0, 1999]
    assert result.codes == [(5, "amount", "not_a_number"), (6, "amount", "missing")]


def test_a_currency_without_decimals_keeps_whole_units(stage: Stage) -> None:
    result = stage("client_id,ordered_at,amount\na,2026-01-02,2.5\na,2026-01-02,3.5\n", currency="JPY")
    assert [each["amount"] for each in result.good] == [2, 4]


def test_products_beyond_exact_arithmetic_are_set_aside_and_never_rounded_in_between(stage: Stage) -> None:
    text = "client_id,ordered_at,quantity,unit_price\na,2026-01-02,0.1234567891,0.1234567891\n"
    assert stage(text).codes == [(1, "unit_price", "too_precise")]

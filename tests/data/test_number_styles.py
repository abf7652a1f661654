"""Numbers as people and shops write them."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesml.core.errors import Ambiguous
from salesml.data.number_styles import detect, plain, plain_text, readings, unmistakable
from salesml.data.sql import pipeline

Stage = Callable[..., Any]
HEADER = "client_id;ordered_at;amount\n"
CENTS = st.integers(-(10**11), 10**11)
POINT_GROUPS = [",", " ", "\u00a0", "\u202f", "'", "’", ""]  # noqa: RUF001
COMMA_GROUPS = [".", " ", "\u00a0", "\u202f", "'", "’", ""]  # noqa: RUF001
CURRENCIES = [
    "{0}",
    "{0} zł",
    "{0}\u00a0zł",
    "${0}",
    "€ {0}",
    "{0} €",
    "{0} EUR",
    "PLN {0}",
    "CHF {0}",
    "R$ {0}",
    "{0} Kč",
    "{0} kr.",
    "£{0}",
    "₹{0}",
]
NEGATIVES = ["-{0}", "- {0}", "({0})", "{0}-", "−{0}"]  # noqa: RUF001


def read(texts: list[str], decimal: str | None) -> list[tuple[bool, str | None, bool]]:
    """(is a number, plain decimal, is unclear) of each text."""
    with duckdb.connect() as con:
        con.register("raw", pa.table({"x": pa.array(texts, pa.string())}))
        query = f"SELECT x_ok, x_text, x_unclear FROM {pipeline('raw', plain_text('x', decimal))}"
        return [(row[0], row[1], row[2]) for row in con.execute(query).fetchall()]


def written(cents: int, decimal: str, group: str, frame: str, negative: str) -> str:
    whole, rest = divmod(abs(cents), 100)
    number = frame.format(f"{whole:,}".replace(",", group) + decimal + f"{rest:02}")
    return negative.format(number) if cents < 0 else number


@settings(max_examples=60, deadline=None)
@given(
    cents=st.lists(CENTS, min_size=1, max_size=20),
    comma=st.booleans(),
    group=st.integers(0, len(POINT_GROUPS) - 1),
    frame=st.sampled_from(CURRENCIES),
    negative=st.sampled_from(NEGATIVES),
    decimal=st.sampled_from(["point", "comma", None]),
)
def test_reading_what_was_written_gives_the_same_amount(
    cents: list[int], comma: bool, group: int, frame: str, negative: str, decimal: str | None
) -> None:
    mark, groups = (",", COMMA_GROUPS) if comma else (".", POINT_GROUPS)
    texts = [written(each, mark, groups[group], frame, negative) for each in cents]
    found = read(texts, decimal)
    assert [(ok, Decimal(text or "nan")) for ok, text, _ in found] == [
        (True, Decimal(each).scaleb(-2)) for each in cents
    ]
    assert detect({"x": texts}) == ("comma" if comma else "point")


NO_NUMBERS = (
    "abc|1 2|1,2,3|1.2.3|--5|(-5)|(5|5)|1e5|12 apples|0x10|1_000|.|,|"
    "1,23,4|1.23.456|1 234 56|$|5 5|NaN|1.234,567.8|1,234.567,8|\u0661\u0662|"
).split("|")


@pytest.mark.parametrize("decimal", ["point", "comma", None])
@pytest.mark.parametrize("text", NO_NUMBERS)
def test_what_is_no_number_stays_none(text: str, decimal: str | None) -> None:
    assert read([text], decimal) == [(False, None, False)]


@pytest.mark.parametrize(
    ("text", "point", "comma"),
    [("1,234", "1234", "1.234"), ("1.234", "1.234", "1234"), ("-12,500 zł", "-12500", "-12.500")],
)
def test_a_number_with_two_readings_is_read_as_chosen_or_not_at_all(
    text: str, point: str, comma: str
) -> None:
    assert read([text], "point") == [(True, point, False)]
    assert read([text], "comma") == [(True, comma, False)]
    assert read([text], None) == [(False, None, True)]
    assert (plain(text, "point"), plain(text, "comma")) == (point, comma)


@pytest.mark.parametrize(
    ("texts", "decimal"),
    [
        (["12.50", "1,234"], "point"),
        (["12,50", "1.234"], "comma"),
        (["1.234.567"], "comma"),
        (["1,234,567"], "point"),
        (["12,34,567"], "point"),
        (["0.500"], "point"),
        (["1 234", "12", "x"], None),
        (["12.50", "12,50", "1,234"], None),
    ],
)
def test_other_numbers_of_a_file_tell_what_one_means(texts: list[str], decimal: str | None) -> None:
    assert detect({"price": texts, "empty": [""]}) == decimal


@pytest.mark.parametrize("text", ["1,234", "1.234", "$ 1,234"])
def test_numbers_that_can_be_read_in_two_ways_stop_the_import(stage: Stage, text: str) -> None:
    with pytest.raises(Ambiguous) as caught:
        stage(f"{HEADER}a;2026-01-02;{text}\nb;2026-01-02;100\n")
    for part in (repr(text), "1234", "1.234", "--decimal point", "--decimal comma", "'amount'"):
        assert part in str(caught.value)


def test_a_chosen_decimal_mark_settles_it(stage: Stage) -> None:
    text = f"{HEADER}a;2026-01-02;1,234\n"
    assert [stage(text, decimal=mark).good[0]["amount"] for mark in ("point", "comma")] == [123_400, 123]


def test_a_number_that_nothing_explains_is_set_aside(stage: Stage) -> None:
    rows = "".join(f"a;2026-01-02;{number}\n" for number in [*["5"] * 10_001, "1,234"])
    result = stage(HEADER + rows)
    assert result.codes == [(10_002, "amount", "unclear_number")]
    assert "--decimal" in result.rejected[0]["reason"]


def test_a_polish_file_is_read_as_it_was_meant(stage: Stage) -> None:
    header = "Numer zamówienia;ID klienta;Data zamówienia;Wartość zamówienia\n"
    result = stage(
        f"{header}1;007;14.01.2026;1 234,56 zł\n2;008;3.02.2026 10:05;(12,50)\n3;008;3.02.2026;1.500\n"
    )
    assert [each["amount"] for each in result.good] == [123_456, -1_250, 150_000]
    assert result.reading.decimal == "comma"
    assert "numbers: decimal comma" in result.reading.notes


@settings(max_examples=50, deadline=None)
@given(number=st.decimals(-(10**6), 10**6, places=3).map(lambda value: format(value, "f")))
def test_a_real_number_is_never_taken_for_thousands(number: str) -> None:
    marked = unmistakable(number)
    assert Decimal(marked) == Decimal(number)
    assert len(readings(marked)) < 2
    assert [Decimal(text or "nan") for _, text, _ in read([marked], "comma")] == [Decimal(number)]


def test_the_sign_of_another_currency_is_set_aside(stage: Stage) -> None:
    signs = ["$1.50", "1.50 EUR", "1.50 PLN", "1.50 zł", "1.50", "-€2.50"]
    result = stage(HEADER + "".join(f"a;2026-01-02;{each}\n" for each in signs))
    assert [each["row"] for each in result.good] == [3, 4, 5]
    assert result.codes == [(row, "amount", "no_rate") for row in (1, 2, 6)]
    dollars = stage(HEADER + "a;2026-01-02;$1.50\nb;2026-01-02;US$2\nc;2026-01-02;CA$2\n", currency="USD")
    assert [each["amount"] for each in dollars.good] == [150, 200]

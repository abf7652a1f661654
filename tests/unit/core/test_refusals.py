"""Refusals are a code and values, and the English sentence is made of them."""

import json
import string

import pytest

from salesml.core.errors import Ambiguous, ColumnsMissing, FileRefused, FileUnreadable
from salesml.core.refusals import FORMATS, WORDS, Refusal


def told(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def test_the_sentence_names_the_file_and_the_values_do_not() -> None:
    error = FileUnreadable("too_many_columns", file="/tmp/a.csv", columns=5000, limit=2000)
    assert str(error) == "/tmp/a.csv has 5,000 columns; at most 2,000 are read"
    assert error.refusal == Refusal(code="too_many_columns", values={"columns": 5000, "limit": 2000})


def test_a_refusal_that_forgets_a_value_is_a_fault() -> None:
    with pytest.raises(KeyError, match="columns"):
        FileRefused("too_many_columns", file="a.csv", limit=2000)


def test_a_refusal_survives_json() -> None:
    refusal = ColumnsMissing("orders", ["amount"], ["Name", "City"]).refusal
    assert refusal.values["columns"] == ("Name", "City")
    assert Refusal.of(json.loads(json.dumps(refusal.plain()))) == refusal


def test_two_readings_are_values() -> None:
    error = Ambiguous("ambiguous_dates", column="d", value="1/2/26", day_first="2026-02-01", month_first="x")
    assert "'1/2/26' is 2026-02-01 with the day first and x with" in str(error)


@pytest.mark.parametrize("format_", sorted(FORMATS))
def test_a_known_format_is_told_in_words(format_: str) -> None:
    words = Refusal(code="foreign_format", values={"format": format_}).words("a.csv")
    assert words == f"a.csv is {FORMATS[format_]}; save it as CSV (plain, gzip or zip), XLSX or Parquet"


def test_codes_are_plain_and_sentences_one_line() -> None:
    assert all(code.isidentifier() and code == code.lower() for code in WORDS)
    assert all(
        "\n" not in words and told(words) == {n for n in told(words) if n.isidentifier()}
        for words in WORDS.values()
    )

"""Rows that are set aside: one test for every code."""

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from salesml.core.imports import ImportKind
from salesml.data.codes import WORDS

Stage = Callable[..., Any]
ORDERS = "order_id,client_id,ordered_at,amount,currency,kind"
GOOD = "g,a,2026-01-02,3.50,PLN,sale"
CASES = [
    ("1,a,,1,PLN,sale", "ordered_at", "missing", ""),
    ("1,a,2026-01-02,,PLN,sale", "amount", "missing", ""),
    ("1,a,2026-01-02,NaN,PLN,sale", "amount", "not_a_number", "NaN"),
    ("1,a,2026-01-02,inf,PLN,sale", "amount", "not_a_number", "inf"),
    ("1,a,2026-01-02,1e3,PLN,sale", "amount", "not_a_number", "1e3"),
    ("1,a,2026-01-02,1_000,PLN,sale", "amount", "not_a_number", "1_000"),
    ('1,a,2026-01-02,"12,50,5",PLN,sale', "amount", "not_a_number", "12,50,5"),
    ("1,a,2026-01-02,.,PLN,sale", "amount", "not_a_number", "."),
    ("1,a,2026-01-02,0.1234567890123456789,PLN,sale", "amount", "too_precise", "0.1234567890123456789"),
    ("1,a,2026-01-02,10000000000000.01,PLN,sale", "amount", "out_of_range", "10000000000000.01"),
    (f"1,a,2026-01-02,{'9' * 60},PLN,sale", "amount", "out_of_range", "9" * 60),
    ("1,a,2026-02-30,1,PLN,sale", "ordered_at", "not_a_date", "2026-02-30"),
    ("1,a,infinity,1,PLN,sale", "ordered_at", "not_a_date", "infinity"),
    ("1,a,2026-01-02 25:00,1,PLN,sale", "ordered_at", "not_a_date", "2026-01-02 25:00"),
    ("1,a,2026-01-02 24:00:00,1,PLN,sale", "ordered_at", "not_a_date", "2026-01-02 24:00:00"),
    ("1,a,2999-01-01,1,PLN,sale", "ordered_at", "future", "2999-01-01"),
    ("1,a,2026-07-01,1,PLN,sale", "ordered_at", "future", "2026-07-01"),
    ("1,a,1969-12-31,1,PLN,sale", "ordered_at", "too_old", "1969-12-31"),
    ("1,a,0000-01-01,1,PLN,sale", "ordered_at", "too_old", "0000-01-01"),
    ("1,a,2026-01-02,1,euro,sale", "currency", "not_a_currency", "euro"),
    ("1,a,2026-01-02,1,PLN,gift", "kind", "unknown_kind", "gift"),
    ("1,a,2026-01-02,-1,PLN,sale", "amount", "negative", "-1"),
    ("1,a,2026-01-02,1,PLN,refund", "amount", "positive", "1"),
    (f"1,{'a' * 201},2026-01-02,1,PLN,sale", "client_id", "too_long", "a" * 200),
    ("g,b,2026-01-02,3.50,PLN,sale", "order_id", "conflict", "g"),
    ("1,a,2026-01-02,1", "row", "malformed_row", "1,a,2026-01-02,1"),
]


def test_every_kind_of_bad_order_is_set_aside_and_the_good_ones_are_kept(stage: Stage) -> None:
    rows = [GOOD, *(case[0] for case in CASES), f"h{GOOD[1:]}"]
    result = stage("\n".join((ORDERS, *rows)) + "\n")
    found = [(each["row"], each["field"], each["code"], each["raw"]) for each in result.rejected]
    assert found == [(row, *case[1:]) for row, case in enumerate(CASES, 2)]
    assert all(each["reason"] for each in result.rejected)
    assert [(each["row"], each["order_id"]) for each in result.good] == [(1, "g"), (len(rows), "h")]
    assert (result.staged.rows, result.staged.good) == (len(rows), 2)
    assert result.staged.rejected == len(CASES)


def test_the_reason_names_the_value(stage: Stage) -> None:
    result = stage(f"{ORDERS}\n1,a,2999-01-01,1,PLN,sale\n")
    assert result.rejected[0]["reason"] == "is in the future: 2999-01-01"


ACTIVITY = "client_id,day,visits,seconds_on_site"


@pytest.mark.parametrize(
    ("row", "field", "code"),
    [
        (",2026-01-02,1,1", "client_id", "missing"),
        ("a,,1,1", "day", "missing"),
        ("a,2026-01-02,,", "visits", "missing"),
        ("a,2026-01-02,-1,", "visits", "negative"),
        ("a,2026-01-02,1.5,", "visits", "not_whole"),
        ("a,2026-01-02,many,", "visits", "not_a_number"),
        ("a,2026-01-02,,1000000001", "seconds_on_site", "out_of_range"),
        ("a,2999-01-01,1,1", "day", "future"),
        ("g,2026-01-02,2,1", "day", "conflict"),
    ],
)
def test_a_bad_day_of_activity_is_set_aside(stage: Stage, row: str, field: str, code: str) -> None:
    result = stage(f"{ACTIVITY}\ng,2026-01-02,1,1\n{row}\n", ImportKind.ACTIVITY)
    assert result.codes == [(2, field, code)]
    assert [each["client_external_id"] for each in result.good] == ["g"]


@pytest.mark.parametrize(
    ("row", "field", "code"),
    [
        (",Jan,2026-01-02", "client_id", "missing"),
        ("a,Jan,yesterday", "registered_at", "not_a_date"),
        (f"a,{'x' * 201},", "first_name", "too_long"),
        ("g,Adam,2026-01-02", "client_id", "conflict"),
    ],
)
def test_a_bad_client_is_set_aside(stage: Stage, row: str, field: str, code: str) -> None:
    result = stage(f"external_id,first_name,registered_at\ng,Ewa,2026-01-02\n{row}\n", ImportKind.CLIENTS)
    assert result.codes == [(2, field, code)]
    assert result.good[0]["first_name"] == "Ewa"


def test_a_nul_character_in_parquet_text_is_set_aside(stage: Stage, tmp_path: Any) -> None:
    path = tmp_path / "nul.parquet"
    pq.write_table(pa.table({"client_id": ["a\0b"], "ordered_at": ["2026-01-02"], "amount": [1]}), path)
    assert stage(path).codes == [(1, "client_id", "not_text")]


LINES = "order_id,client_id,ordered_at,quantity,unit_price"


def test_one_bad_line_sets_its_whole_order_aside_and_is_named(stage: Stage) -> None:
    rows = ("1,a,2026-01-02,1,2", "2,b,2026-01-02,1,5", "1,a,2026-01-02,x,2", "2,b,2026-01-02,1,5")
    result = stage("\n".join((LINES, *rows)) + "\n")
    assert result.codes == [(1, "order_id", "incomplete_order"), (3, "quantity", "not_a_number")]
    assert result.rejected[0]["reason"].endswith("row 3")
    assert [(each["order_id"], each["amount"]) for each in result.good] == [("2", 1000)]


def test_a_malformed_line_sets_its_whole_order_aside(stage: Stage) -> None:
    rows = ("1,a,2026-01-02,1,2", "1,a,2026-01-02,1,2,3", "2,b,2026-01-02,1,5", "2,b,2026-01-02,1,5")
    result = stage("\n".join((LINES, *rows)) + "\n")
    assert result.codes == [(1, "order_id", "incomplete_order"), (2, "row", "malformed_row")]
    assert [each["order_id"] for each in result.good] == ["2"]


@pytest.mark.parametrize(
    ("lines", "field", "code"),
    [
        (("1,a,2026-01-02,1,2", "1,b,2026-01-02,1,2"), "client_id", "conflict"),
        (("1,a,2026-01-02,1,9999999999999", "1,a,2026-01-02,1,9999999999999"), "amount", "out_of_range"),
    ],
)
def test_an_order_whose_lines_disagree_is_set_aside(
    stage: Stage, lines: tuple[str, ...], field: str, code: str
) -> None:
    result = stage("\n".join((LINES, *lines, "2,c,2026-01-02,1,1")) + "\n")
    assert result.codes == [(1, field, code), (2, field, code)]
    assert [each["order_id"] for each in result.good] == ["2"]


def test_a_sale_whose_lines_sum_below_zero_is_set_aside(stage: Stage) -> None:
    result = stage(f"{LINES},kind\n1,a,2026-01-02,1,2,sale\n1,a,2026-01-02,-1,3,sale\n")
    assert result.codes == [(1, "amount", "negative"), (2, "amount", "negative")]


def test_every_code_has_a_test() -> None:
    tested = {case[2] for case in CASES} | {"not_whole", "not_text", "incomplete_order", "unclear_number"}
    elsewhere = {"no_sale", "not_an_email", "not_yes_or_no", "no_rate"}
    only_in_records = {"erased", "not_a_string", "not_an_object", "unknown_field"}
    assert tested | elsewhere | only_in_records == set(WORDS)

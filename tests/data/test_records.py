"""Rows that are set aside are kept whole, so that they can be mended and imported again."""

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

Stage = Callable[..., Any]
HEADER = "order_id,client_id,ordered_at,amount,note\n"
CELL = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\x85\u2028\u2029"), max_size=8
)
NOTES = st.lists(
    st.builds("".join, st.lists(st.one_of(CELL, st.sampled_from('",;\n')))), min_size=1, max_size=8
)


def line(cells: list[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(cells)
    return out.getvalue()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(notes=NOTES)
def test_the_whole_row_comes_back_as_it_was(stage: Stage, notes: list[str]) -> None:
    rows = [[str(number), "a", "never", "1", note] for number, note in enumerate(notes)]
    text = HEADER + "".join(map(line, [*rows, ["x", "a", "2026-01-02", "1", "good"]]))
    result = stage(text)
    assert [next(csv.reader(io.StringIO(each["record"], newline=""))) for each in result.rejected] == rows


def test_mended_rows_import_under_the_kept_header(stage: Stage) -> None:
    first = stage(HEADER + '1,a,never,"1,5",x\n2,b,2026-01-02,2.50,"a, ""b"""\n3,c,never,4.50\n')
    assert [each["order_id"] for each in first.good] == ["2"]
    records = [each["record"].replace("never", "2026-01-03") for each in first.rejected]
    assert records == ['1,a,2026-01-03,"1,5",x', "3,c,2026-01-03,4.50"]
    mended = stage("\n".join([",".join(first.reading.columns), records[0], f"{records[1]},y"]) + "\n")
    assert [(each["order_id"], each["amount"]) for each in mended.good] == [("1", 150), ("3", 450)]


def test_every_row_has_its_own_record_in_many_blocks(stage: Stage) -> None:
    lines = [f"{n},{'x' * 60},{'never' if n % 997 == 0 else '2026-01-02'},1,n{n}" for n in range(1, 120_001)]
    result = stage(HEADER + "\n".join(lines))
    assert [each["row"] for each in result.rejected] == list(range(997, 120_001, 997))
    assert all(each["record"] == lines[each["row"] - 1] for each in result.rejected)


@pytest.mark.parametrize("repeat", ["conflict", "incomplete_order"])
def test_rows_that_only_the_whole_file_condemns_have_records(stage: Stage, repeat: str) -> None:
    if repeat == "conflict":
        result = stage("order_id,client_id,ordered_at,amount\n1,a,2026-01-02,1\n1,a,2026-01-02,2\n")
        expected = ["1,a,2026-01-02,2"]
    else:
        rows = "1,a,2026-01-02,1,1\n1,a,never,1,1\n2,a,2026-01-02,1,1\n"
        result = stage("order_id,client_id,ordered_at,quantity,unit_price\n" + rows)
        expected = ["1,a,2026-01-02,1,1", "1,a,never,1,1"]
    assert repeat in {each["code"] for each in result.rejected}
    assert [each["record"] for each in result.rejected] == expected


def test_a_record_is_cut_at_its_limit(stage: Stage) -> None:
    result = stage(f"{HEADER}1,a,never,1,{'x' * 9000}\n2,a,2026-01-02,1,y\n")
    assert len(result.rejected[0]["record"]) == 4000

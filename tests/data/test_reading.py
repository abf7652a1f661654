"""Files as they come: encodings, separators, quotes, headers, ids."""

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from salesml.core.imports import ImportKind

Stage = Callable[..., Any]
CLIENTS = "client_id,first_name,last_name\n7,Żółcisław,Gęślą-Łódź\n8,Wiśniewska,Ćwikła\n9,Ścibor,Źrebięcka\n"
ORDERS = "order_id,client_id,ordered_at,amount\n1,a,2026-01-02,3.50\n2,b,2026-01-03,4\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1250"])
def test_polish_names_survive_every_encoding(stage: Stage, encoding: str) -> None:
    result = stage(CLIENTS.encode(encoding), ImportKind.CLIENTS)
    assert result.reading.encoding == encoding
    assert result.good[0]["first_name"] == "Żółcisław"
    assert [each["last_name"] for each in result.good] == ["Gęślą-Łódź", "Ćwikła", "Źrebięcka"]


def test_a_chosen_encoding_wins(stage: Stage) -> None:
    text = "client_id,first_name\n7,Zoë £\n"
    result = stage(text.encode("latin-1"), ImportKind.CLIENTS, encoding="latin-1")
    assert result.good[0]["first_name"] == "Zoë £"


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_separators_and_line_ends_are_recognised(stage: Stage, separator: str, end: str) -> None:
    result = stage(ORDERS.replace(",", separator).replace("\n", end))
    assert result.reading.separator == separator
    assert [(each["client_external_id"], each["amount"]) for each in result.good] == [("a", 350), ("b", 400)]


def test_a_separator_can_be_chosen_by_name(stage: Stage) -> None:
    assert len(stage(ORDERS.replace(",", "\t"), separator="tab").good) == 2


def test_gzip_is_recognised_by_its_first_bytes(stage: Stage) -> None:
    result = stage(gzip.compress(ORDERS[:40].encode()) + gzip.compress(ORDERS[40:].encode()))
    assert result.reading.compression == "gzip"
    assert len(result.good) == 2


def test_quoted_line_breaks_separators_and_blank_lines_keep_row_numbers(stage: Stage) -> None:
    rows = '1,"a\n\nb, ""c""",2026-01-02,1\n\n2,x\n3,d,2026-01-02,3\n\n4,e,2999-01-01,1\n5,f,2026-01-02,5\n'
    result = stage(f"order_id,client_id,ordered_at,amount\n{rows}")
    assert [each["row"] for each in result.good] == [1, 3, 5]
    assert result.good[0]["client_external_id"] == 'a\n\nb, "c"'
    assert result.codes == [(2, "row", "malformed_row"), (4, "ordered_at", "future")]


def test_row_numbers_hold_over_blocks_with_malformed_rows_in_between(stage: Stage) -> None:
    lines = [f"{n},{'x' * 90},2026-01-02,1" if n % 1000 else f"{n},short" for n in range(1, 90_001)]
    result = stage("\n".join(("order_id,client_id,ordered_at,amount", *lines)))
    assert result.staged.rows == 90_000
    assert [each["row"] for each in result.rejected] == list(range(1000, 90_001, 1000))
    assert all(str(each["row"]) == each["order_id"] for each in result.good)


def test_ids_are_kept_as_text(stage: Stage) -> None:
    rows = "1,007,2026-01-02,1\n2, 1234567890123456789 ,2026-01-02,1\n3,,2026-01-02,1\n"
    result = stage(f"order_id,client_id,ordered_at,amount\n{rows}")
    assert [each["client_external_id"] for each in result.good] == ["007", "1234567890123456789", None]


@pytest.mark.parametrize("kind", [pa.int64(), pa.float64(), pa.dictionary(pa.int8(), pa.string())])
def test_id_columns_of_parquet_become_text(stage: Stage, tmp_path: Path, kind: Any) -> None:
    path = tmp_path / "ids.parquet"
    ids = pa.array(["17850", "9", None]).cast(pa.int64() if not pa.types.is_dictionary(kind) else pa.string())
    columns = {"client_id": ids.cast(kind), "ordered_at": ["2026-01-02"] * 3, "amount": [1, 2, 3]}
    pq.write_table(pa.table(columns), path)
    assert [each["client_external_id"] for each in stage(path).good] == ["17850", "9", None]


@pytest.mark.parametrize(
    "header",
    [
        "Order ID,Customer-ID,Order Date,Total",
        "Numer zamówienia,ID klienta,Data zamówienia,Wartość zamówienia",
    ],
)
def test_headers_of_shops_are_mapped_by_what_they_mean(stage: Stage, header: str) -> None:
    result = stage(f"{header}\n1,a,2026-01-02,3.50\n")
    assert dict(zip(header.split(","), ("order_id", "client_id", "ordered_at", "amount"), strict=True)) == {
        column: field for field, column in result.reading.mapping.items()
    }


def test_a_chosen_mapping_wins_over_names(stage: Stage) -> None:
    text = "client_id,ordered_at,amount,paid\na,2026-01-02,1,2\n"
    assert stage(text, mapping={"amount": "paid"}).good[0]["amount"] == 200


@pytest.mark.parametrize(
    ("header", "options", "lines", "amount"),
    [
        ("order_id,client_id,ordered_at,amount,units,items,lines", {}, False, 100),
        ("order_id,client_id,ordered_at,amount,quantity,unit_price,x", {}, False, 100),
        ("order_id,client_id,ordered_at,x,quantity,unit_price,y", {}, True, 600),
        ("order_id,client_id,ordered_at,x,quantity,unit_price,y", {"lines": False}, False, 600),
        ("order_id,client_id,ordered_at,amount,x,y,z", {"lines": True}, True, 100),
        ("order_id,client_id,ordered_at,amount,x,y,z", {"mapping": {"product": "z"}}, True, 100),
        (
            "order_id,client_id,ordered_at,amount,n,p,z",
            {"mapping": {"quantity": "n", "unit_price": "p"}},
            True,
            600,
        ),
    ],
)
def test_an_amount_column_wins_over_quantity_and_price(
    stage: Stage, header: str, options: dict[str, Any], lines: bool, amount: int
) -> None:
    result = stage(f"{header}\n1,a,2026-01-02,1,2,3,4\n", **options)
    assert result.reading.lines is lines
    assert result.good[0]["amount"] == amount


def test_the_notes_say_what_was_detected(stage: Stage) -> None:
    notes = "\n".join(
        stage(
            ORDERS.replace(",", ";").replace("amount", "Total;x").replace("50", "50;").replace("4\n", "4;\n")
        ).reading.notes
    )
    for part in ("semicolon", "utf-8", "dates: iso", "amount: column 'Total'", "not used: x"):
        assert part in notes

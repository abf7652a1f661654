"""Whole lists as files: what stands in them, in each format, and that no text of theirs becomes a formula."""

import csv
import io
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import fastexcel
import pyarrow.parquet as pq
import pytest
from tests.support.commands import Salesml

DATABASES = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
ORDERS = """order_id,client_id,ordered_at,amount
=1+1,@cmd,2026-01-05 12:00,100.00
-5,+48600700800,2026-01-06 12:00,-12.30
"a
b",,2026-07-07 12:00,3.00
bad,x,never,3.00
"""
CLIENTS = """client_id,first_name,last_name,email
@cmd,=HYPERLINK("http://x.example"),-Anna,anna@shop.example
+48600700800,Jan,"+Kowalski, the second",jan@shop.example
"""


@pytest.fixture
def shop(salesml: Salesml) -> Salesml:
    for kind, content in {"clients": CLIENTS, "orders": ORDERS}.items():
        path = salesml.folder / f"{kind}.csv"
        path.write_text(content)
        salesml.good("import", kind, path, "--yes")
    return salesml


def exported(shop: Salesml, noun: str, ending: str, *options: object) -> Path:
    out = shop.folder / f"{noun}.{ending}"
    shop.good("export", noun, "--out", out, *options)
    return out


def in_csv(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(), newline="")))


def in_parquet(path: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(path).to_pylist()
    return rows


def in_workbook(path: Path) -> list[dict[str, Any]]:
    sheet = fastexcel.read_excel(path).load_sheet(0)
    names = [column.name for column in sheet.selected_columns]
    batch = sheet.to_arrow()
    return [dict(zip(names, row, strict=True)) for row in zip(*(c.to_pylist() for c in batch), strict=True)]


@DATABASES
def test_orders_leave_with_their_money_and_times_in_every_format(shop: Salesml) -> None:
    first, second, third = in_parquet(exported(shop, "orders", "parquet"))
    assert (first["order_id"], first["client_id"], str(first["amount"])) == ("=1+1", "@cmd", "100.00")
    assert first["ordered_at"].isoformat() == "2026-01-05T11:00:00+00:00"
    assert (second["order_id"], str(second["amount"]), second["kind"]) == ("-5", "-12.30", "cancellation")
    assert (third["order_id"], third["client_id"], third["currency"]) == ("a\nb", None, "PLN")
    told = in_csv(exported(shop, "orders", "csv"))
    assert [row["amount"] for row in told] == ["100.00", "-12.30", "3.00"]
    assert [row["ordered_at"] for row in told][:2] == ["2026-01-05T11:00:00Z", "2026-01-06T11:00:00Z"]
    booked = in_workbook(exported(shop, "orders", "xlsx"))
    assert [row["amount"] for row in booked] == [100.0, -12.3, 3.0]
    # A workbook knows no zones: the shop's own clock.
    assert booked[0]["ordered_at"] == datetime.fromisoformat("2026-01-05T12:00")
    assert booked[2]["ordered_at"] == datetime.fromisoformat("2026-07-07T12:00")


def test_a_text_never_becomes_a_formula_and_a_number_is_left_alone(shop: Salesml) -> None:
    first, second, _ = in_csv(exported(shop, "orders", "csv"))
    assert (first["order_id"], first["client_id"]) == ("'=1+1", "'@cmd")
    assert (second["order_id"], second["client_id"]) == ("-5", "+48600700800")
    clients = {row["email"]: row for row in in_csv(exported(shop, "clients", "csv"))}
    assert clients["anna@shop.example"]["first_name"] == '\'=HYPERLINK("http://x.example")'
    assert clients["anna@shop.example"]["last_name"] == "'-Anna"
    assert clients["jan@shop.example"]["last_name"] == "'+Kowalski, the second"
    booked = in_workbook(exported(shop, "clients", "xlsx"))
    assert {row["first_name"] for row in booked} == {'=HYPERLINK("http://x.example")', "Jan"}
    assert {row["client_id"] for row in booked} == {"@cmd", "+48600700800"}


def test_a_workbook_holds_no_formula_and_no_link(shop: Salesml) -> None:
    with zipfile.ZipFile(exported(shop, "clients", "xlsx")) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "hyperlink " not in sheet
    assert 't="inlineStr"' in sheet


def test_a_list_is_narrowed_by_source_client_and_days(shop: Salesml) -> None:
    assert len(in_csv(exported(shop, "orders", "csv", "--client", "@cmd"))) == 1
    assert len(in_csv(exported(shop, "orders", "csv", "--from", "2026-01-06", "--to", "2026-01-06"))) == 1
    assert in_csv(exported(shop, "orders", "csv", "--source", "elsewhere")) == []
    assert [row["client_id"] for row in in_csv(exported(shop, "clients", "csv", "--search", "jan"))] == [
        "+48600700800"
    ]


def test_refused_rows_imports_and_the_trail_leave_as_well(shop: Salesml) -> None:
    (bad,) = in_csv(exported(shop, "rejected", "csv", "--import", 2))
    assert (bad["row"], bad["field"], bad["raw"], bad["record"]) == (
        "4",
        "ordered_at",
        "never",
        "bad,x,never,3.00",
    )
    brought = in_parquet(exported(shop, "imports", "parquet"))
    assert [(row["kind"], row["accepted"], row["rejected"]) for row in brought] == [
        ("orders", 3, 1),
        ("clients", 2, 0),
    ]
    assert str(brought[0]["net"]) == "90.70"
    shop.good("clients", "erase", "@cmd", "--yes")
    assert "client.erased" in {row["action"] for row in in_csv(exported(shop, "audit", "csv"))}


def test_a_bad_wish_is_refused_in_words_and_leaves_no_file(shop: Salesml) -> None:
    for options, said in (
        (("orders", "--out", shop.folder / "a.xls"), "must end in .csv, .xlsx or .parquet"),
        (("orders", "--out", shop.folder / "none" / "a.csv"), "is not a folder"),
        (("rejected", "--out", shop.folder / "a.csv"), "import_id: is missing"),
        (("rejected", "--out", shop.folder / "a.csv", "--import", 9), "import 9 does not exist"),
        (("orders", "--out", shop.folder / "a.csv", "--client", "nobody"), "has no client nobody"),
    ):
        ended = shop("export", *options)
        assert ended.status == 1, options
        assert said in ended.err
    assert not (shop.folder / "a.csv").exists()


def test_our_own_orders_come_back_in_as_they_went_out(shop: Salesml) -> None:
    out = exported(shop, "orders", "parquet")
    told = shop.good("import", "orders", out, "--yes", "--json").json
    assert (told["accepted"], told["repeated"], told["rejected"]) == (0, 3, 0)

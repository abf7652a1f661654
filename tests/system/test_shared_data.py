"""Real, public order logs, where they are at hand; none of them is part of this repository."""

from pathlib import Path

import pytest
from tests.support.commands import Salesml

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
needs_data = pytest.mark.skipif(not DATA.exists(), reason=f"no public order logs in {DATA}")


def in_currency(salesml: Salesml, code: str) -> Salesml:
    command = Salesml(
        salesml.folder, {**salesml.environment, "SALESML_CURRENCY": code}, salesml.monkeypatch, salesml.capsys
    )
    command.good("migrate")
    return command


@needs_data
@pytest.mark.parametrize("name", ["orders.csv.gz", "orders.parquet"])
def test_online_retail_keeps_every_order_and_every_penny(salesml: Salesml, name: str) -> None:
    command = in_currency(salesml, "GBP")
    for _ in range(2):
        stored = command.good("import", "orders", DATA / "online_retail" / name, "--json").json["stored"]
        assert stored == {"orders": 22_190, "clients": 4_372, "net": 8_300_065.81}


@needs_data
def test_line_items_are_summed_and_rows_without_a_client_kept_as_guests(salesml: Salesml) -> None:
    command = in_currency(salesml, "GBP")
    columns = {
        "order_id": "InvoiceNo",
        "client_id": "CustomerID",
        "ordered_at": "InvoiceDate",
        "quantity": "Quantity",
        "unit_price": "UnitPrice",
    }
    mapping = [part for field, column in columns.items() for part in ("--map", f"{field}={column}")]
    path = DATA / "online_retail" / "raw_OnlineRetail_sample.csv"
    result = command.good("import", "orders", path, *mapping, "--dates", "mdy", "--json").json
    assert (result["rows"], result["accepted"], result["guests"], result["rejected"]) == (9_840, 541, 2, 0)
    assert result["stored"] == {"orders": 541, "clients": 122, "net": 197_833.20}


@needs_data
def test_cdnow_keeps_its_duplicates_and_its_free_orders(salesml: Salesml) -> None:
    command = in_currency(salesml, "USD")
    stored = command.good("import", "orders", DATA / "cdnow" / "orders.csv.gz", "--json").json["stored"]
    assert stored == {"orders": 69_659, "clients": 23_570, "net": 2_500_315.63}

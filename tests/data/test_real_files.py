"""Real order files, where they are at hand, against totals counted independently."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"
pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data is not beside the repository")


def totals(result: Any) -> tuple[int, int, int, int]:
    """Rows read, orders, clients, net sum."""
    clients = {each["client_external_id"] for each in result.good} - {None}
    return result.staged.rows, len(result.good), len(clients), sum(each["amount"] for each in result.good)


@pytest.mark.parametrize("name", ["orders.csv.gz", "orders.parquet"])
@pytest.mark.parametrize(
    ("folder", "currency", "expected"),
    [
        ("online_retail", "GBP", (22_190, 22_190, 4_372, 830_006_581)),
        ("cdnow", "USD", (69_659, 69_659, 23_570, 250_031_563)),
    ],
)
def test_order_files_give_their_totals(
    stage: Callable[..., Any], folder: str, name: str, currency: str, expected: tuple[int, ...]
) -> None:
    result = stage(SHARED / folder / name, currency=currency)
    assert totals(result) == expected
    assert (result.reading.lines, result.rejected) == (False, [])


def test_line_items_as_published_are_summed_into_orders(stage: Callable[..., Any]) -> None:
    mapping = {
        "order_id": "InvoiceNo",
        "client_id": "CustomerID",
        "ordered_at": "InvoiceDate",
        "quantity": "Quantity",
        "unit_price": "UnitPrice",
    }
    path = SHARED / "online_retail" / "raw_OnlineRetail_sample.csv"
    result = stage(path, currency="GBP", mapping=mapping, date_format="mdy", encoding="latin-1")
    assert totals(result) == (9_840, 541, 122, 19_783_320)
    known = [each["amount"] for each in result.good if each["client_external_id"] is not None]
    assert (len(result.good) - len(known), sum(known)) == (2, 19_469_557)

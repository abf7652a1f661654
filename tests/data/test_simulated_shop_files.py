"""The files of the simulated shop are ordinary files: the importer reads them unasked."""

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from salesml.core.activity import METRICS
from salesml.core.days import SECONDS_PER_DAY, parse_day
from salesml.core.files import ReadingOptions
from salesml.core.imports import ImportKind
from salesml.core.money import Currency
from salesml.data.reader import FileReader
from salesml.data.simulated_shop import simulate, write

LAST_DAY = parse_day("2026-10-31")
PLN = Currency("PLN")
KINDS = (ImportKind.CLIENTS, ImportKind.ORDERS, ImportKind.ACTIVITY)


def test_the_files_hold_the_tables_under_the_canonical_names(tmp_path: Path) -> None:
    shop = simulate(seed=1, last_day=LAST_DAY, clients=100, months=3)
    clients, orders, activity = write(shop, tmp_path)
    assert pq.read_table(clients).column_names == "client_id first_name last_name email registered_at".split()
    assert pq.read_table(orders).column_names == "order_id client_id ordered_at amount currency kind".split()
    assert pq.read_table(activity).column_names == ["client_id", "day", *METRICS]
    kept = pq.read_table(orders)
    assert pc.sum(kept["amount"]) == pc.sum(shop.orders["amount"])
    assert kept.num_rows == shop.orders.num_rows
    assert {path.name for path in tmp_path.iterdir()} == {
        "clients.parquet", "orders.parquet", "activity.parquet"
    }  # fmt: skip


@pytest.mark.parametrize("zone", ["Europe/Warsaw", "America/Los_Angeles", "Asia/Tokyo"])
def test_the_importer_reads_the_files_unasked_and_keeps_every_row_money_and_day(
    tmp_path: Path, zone: str
) -> None:
    shop = simulate(seed=1, last_day=LAST_DAY, clients=100, months=6)
    tables = (shop.clients, shop.orders, shop.activity)
    for kind, path, table in zip(KINDS, write(shop, tmp_path), tables, strict=True):
        rows = _imported(path, kind, zone, tmp_path)
        assert rows.num_rows == table.num_rows
        assert rows["client_external_id"] == table["client_id"]
        if kind is ImportKind.ORDERS:
            assert sum(rows["amount"].to_pylist()) == PLN.to_minor(pc.sum(table["amount"]).as_py())
            assert rows["ordered_day"].to_pylist() == _day(table["ordered_at"]).tolist()
        elif kind is ImportKind.ACTIVITY:
            assert rows["day"].to_pylist() == table["day"].cast(pa.int32()).to_pylist()


def _imported(path: Path, kind: ImportKind, zone: str, folder: Path) -> pa.Table:
    """The good rows, in the order of the file."""
    reader, staging = FileReader(), folder / f"staged-{kind}"
    staging.mkdir()
    staged = reader.stage(
        path,
        reader.inspect(path, kind, ReadingOptions()),
        file_sha256="0" * 64,
        currency=PLN,
        zone=ZoneInfo(zone),
        last_day=LAST_DAY,
        folder=staging,
        progress=lambda _: None,
    )
    assert staged.rejected == 0
    return pa.concat_tables(reader.good(staged, kind, 0, 100_000)).sort_by("row")


def _day(column: Any) -> np.ndarray:
    """Epoch days of times on the shop's clock."""
    return np.asarray(column.cast(pa.int64())) // SECONDS_PER_DAY

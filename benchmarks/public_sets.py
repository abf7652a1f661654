"""Public sets of orders, and windows of dates to judge forecasts on, as a folder describes them.

`windows.json` in the folder: {set: {"orders": Parquet file with order_id, client_id, ordered_at, amount,
"as_of": [dates], "note": text}}.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from salesml.core.activity import METRICS
from salesml.core.days import epoch_day
from salesml.core.money import Currency
from salesml.ml.history import History

SECONDS_A_DAY = 86_400


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where a set comes from, as it is to be cited."""

    title: str
    currency: str
    citation: str


SOURCES: Mapping[str, Source] = {
    "cdnow": Source(
        title="CDNOW",
        currency="USD",
        citation="P. S. Fader and B. G. S. Hardie, Forecasting Repeat Sales at CDNOW: A Case Study, "
        "Interfaces 31(3), 2001; orders from brucehardie.com, offered for research, and part of the package "
        "`lifetimes`.",
    ),
    "online_retail": Source(
        title="Online Retail",
        currency="GBP",
        citation="D. Chen, Online Retail, UCI Machine Learning Repository, 2015, doi:10.24432/C5BW33, "
        "CC BY 4.0; D. Chen, S. L. Sain and K. Guo, Data mining for the online retail industry, Journal of "
        "Database Marketing & Customer Strategy Management 19, 2012, doi:10.1057/dbm.2012.17.",
    ),
}
UNKNOWN = Source(title="", currency="EUR", citation="not known here")


@dataclass(frozen=True, kw_only=True)
class PublicSet:
    name: str
    history: History
    days: tuple[int, ...]
    note: str

    @property
    def source(self) -> Source:
        return SOURCES.get(self.name, UNKNOWN)

    @property
    def currency(self) -> Currency:
        return Currency(self.source.currency)


def sets_in(folder: Path) -> Iterator[PublicSet]:
    """Every set that the folder's windows name."""
    for name, about in json.loads((folder / "windows.json").read_text()).items():
        yield PublicSet(
            name=name,
            history=history_of(pq.read_table(folder / about["orders"])),
            days=tuple(sorted(epoch_day(date.fromisoformat(day)) for day in about["as_of"])),
            note=about.get("note", ""),
        )


def history_of(orders: pa.Table) -> History:
    """What an import of these orders would leave; `ordered_at` is the shop's own time, money has cents."""
    ordered = orders.sort_by([("ordered_at", "ascending"), ("order_id", "ascending")])
    clients, codes = np.unique(ordered["client_id"].to_numpy().astype(str), return_inverse=True)
    at = pc.cast(pc.cast(ordered["ordered_at"], pa.timestamp("s"), safe=False), pa.int64()).to_numpy()
    amount = np.rint(ordered["amount"].to_numpy() * 100).astype(np.int64)
    count = len(at)
    return History(
        clients=pa.table(
            {
                "client_id": pa.array(np.arange(1, len(clients) + 1), pa.int64()),
                "registered_day": pa.nulls(len(clients), pa.int32()),
            }
        ),
        orders=pa.table(
            {
                "id": pa.array(np.arange(1, count + 1), pa.int64()),
                "client_id": pa.array(codes + 1, pa.int64()),
                "at": pa.array(at, pa.int64()),
                "day": pa.array(at // SECONDS_A_DAY, pa.int32()),
                "amount": pa.array(amount, pa.int64()),
                "kind": pa.array(np.where(amount > 0, "sale", "adjustment"), pa.string()),
                "cancels": pa.nulls(count, pa.int64()),
            }
        ),
        activity=pa.table(
            {
                "client_id": pa.array([], pa.int64()),
                "day": pa.array([], pa.int32()),
                **{name: pa.array([], pa.int64()) for name in METRICS},
            }
        ),
        coverage={},
    )

"""The order ledger."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import pyarrow as pa

from salesml.core.orders import Order


class OrderRepository(Protocol):
    """All questions see published rows only, unless said otherwise."""

    def existing(self, source: str, order_ids: Sequence[str]) -> Mapping[str, tuple[int, Order]]:
        """Row id and value of those order numbers that the source has, published or not."""

    def add(self, rows: pa.Table, source: str, import_id: int | None) -> None:
        """Insert orders. Columns: order_id, client_external_id (null for a guest), identity_id (int64,
        null for a guest), ordered_at (epoch seconds), ordered_day, amount, kind, cancels (null),
        original_amount (null), original_currency (null)."""

    def overwrite(self, rows: pa.Table, import_id: int | None) -> None:
        """Replace the values of existing orders, journaling the old ones. Columns of `add` and row_id.
        Without an import, nothing is journaled and the orders belong to no import from now on."""

    def brought(self, row_ids: Sequence[int], import_id: int | None) -> None:
        """Record that the import brought orders that were there already; a repeat is no error. Without an
        import, the orders belong to none from now on: they are visible, and stay."""

    def of_client(
        self, client_id: int, limit: int, before: tuple[int, int] | None = None
    ) -> Sequence[tuple[int, Order]]:
        """A client's orders with their row ids, the newest first; those before an (epoch second, row id)."""

    def span(self) -> tuple[int, int] | None:
        """First and last day with an order, guests included; None without orders."""

    def days_of(self, source: str, order_ids: Sequence[str]) -> tuple[int, int] | None:
        """First and last day of those order numbers that the source has, published or not."""

    def totals(self) -> tuple[int, int, int]:
        """Number of orders, number of clients with an order, and net sum in minor units."""

    def net_by_day(self, first_day: int, last_day: int) -> Sequence[tuple[int, int, int]]:
        """Day, net sum in minor units and number of orders, guests included, by day; days without
        orders are left out."""

    def ledger(self, client_id: int | None = None) -> pa.Table:
        """Every order with a client, or those of one, by row id: id, client_id (int64), at (int64, epoch
        seconds), day (int32), amount (int64), kind (text), cancels (int64 row id of the sale it names, or
        null)."""

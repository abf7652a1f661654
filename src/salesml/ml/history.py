"""What features are computed from, as Arrow tables pulled in one database snapshot."""

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

from salesml.core.activity import Coverage


@dataclass(frozen=True, kw_only=True)
class History:
    """`clients`: client_id, registered_day. `orders`: id, client_id, at, day, amount, kind, cancels.

    `activity`: client_id, day and the four metrics. `coverage` by metric; a metric without an entry
    is unknown everywhere. `orders_from` is the first day with an order of anyone, where `orders` holds
    but some clients' (None: the first of `orders`). Column types are those of the repositories' `roster`,
    `ledger` and `daily`.
    """

    clients: pa.Table
    orders: pa.Table
    activity: pa.Table
    coverage: Mapping[str, Coverage]
    orders_from: int | None = None

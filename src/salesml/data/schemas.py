"""Columns and types of what staging leaves."""

import pyarrow as pa

from salesml.core.activity import METRICS
from salesml.core.clients import CONSENTS
from salesml.core.imports import ImportKind

REFUSED = pa.schema(
    [("row", pa.int64()), *((name, pa.string()) for name in ("field", "code", "reason", "raw"))]
)
REJECTED = REFUSED.append(pa.field("record", pa.string()))
"""Refused rows, each with the whole row as a line of CSV."""
GOOD = {
    ImportKind.ORDERS: pa.schema(
        [
            ("row", pa.int64()),
            ("order_id", pa.string()),
            ("client_external_id", pa.string()),
            ("ordered_at", pa.int64()),
            ("ordered_day", pa.int32()),
            ("amount", pa.int64()),
            ("kind", pa.string()),
            ("cancels", pa.string()),
            ("currency", pa.string()),
            ("rate_day", pa.int32()),
            ("original_amount", pa.int64()),
        ]
    ),
    ImportKind.CLIENTS: pa.schema(
        [
            ("row", pa.int64()),
            ("client_external_id", pa.string()),
            ("first_name", pa.string()),
            ("last_name", pa.string()),
            ("email", pa.string()),
            ("registered_at", pa.int64()),
            ("registered_day", pa.int32()),
            *((name, pa.bool_()) for name in CONSENTS),
            *((f"{name}_at", pa.int64()) for name in CONSENTS),
        ]
    ),
    ImportKind.ACTIVITY: pa.schema(
        [
            ("row", pa.int64()),
            ("client_external_id", pa.string()),
            ("day", pa.int32()),
            *((name, pa.int64()) for name in METRICS),
        ]
    ),
}

"""What an import would do, counted before anything is written."""

from collections.abc import Mapping
from dataclasses import dataclass

from salesml.core.files import FileReading
from salesml.core.imports import ImportCounts, ImportKind, RejectedRow
from salesml.core.reports import FileReport

PREVIEW_FIELDS: Mapping[ImportKind, tuple[str, ...]] = {
    ImportKind.ORDERS: (
        *("order_id", "client_id", "ordered_at", "amount", "quantity", "unit_price", "product"),
        *("kind", "status", "cancels", "refunded", "refunded_at", "currency", "tax", "shipping"),
        *("shipping_tax", "fallback_id", "original_amount", "original_currency"),
    ),
    ImportKind.CLIENTS: (
        *("client_id", "first_name", "last_name", "email", "registered_at"),
        *("marketing_email", "marketing_email_at", "ad_user_data", "ad_user_data_at"),
        *("ad_personalization", "ad_personalization_at"),
    ),
    ImportKind.ACTIVITY: ("client_id", "day", "visits", "seconds_on_site", "ad_clicks", "newsletter_opens"),
}
"""Every field that a column may be chosen for, as people look for them."""
SHOWN_ROWS = 10


@dataclass(frozen=True, kw_only=True)
class Preview:
    """How a file is understood (without its rows), and what would become of them.

    `counts` and `reasons` mean what they mean after an import. `net_repeated` and `net_conflicts` are sums
    of orders that are there already, and of those that contradict them, in minor units.
    """

    reading: FileReading
    counts: ImportCounts
    reasons: Mapping[str, int]
    file: FileReport
    net_repeated: int = 0
    net_conflicts: int = 0

    @property
    def kept(self) -> int:
        """Rows or orders that an import would not set aside; without any, it would be refused."""
        counts = self.counts
        return counts.accepted + counts.changed + counts.repeated + counts.erased


@dataclass(frozen=True, kw_only=True)
class PreviewRows:
    """The first rows of a file: cells as they stand in it, good rows as understood, and those set aside."""

    cells: tuple[tuple[str | None, ...], ...] = ()
    good: tuple[Mapping[str, object], ...] = ()
    rejected: tuple[RejectedRow, ...] = ()

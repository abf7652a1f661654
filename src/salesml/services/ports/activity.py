"""Daily activity and the days for which it is known."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import pyarrow as pa

from salesml.core.activity import Coverage


class ActivityRepository(Protocol):
    """All questions see published rows only."""

    def upsert(self, rows: pa.Table, import_id: int) -> tuple[int, int]:
        """Insert days, or change only the metrics that are not null, journaling old values.

        Columns: identity_id (int64), day (int32), visits, seconds_on_site, ad_clicks,
        newsletter_opens (int64, null means "not brought"); (identity_id, day) occurs once.
        Answers (inserted, changed).
        """

    def cover(self, coverage: Sequence[Coverage], import_id: int) -> None:
        """Record that this import makes a metric known from a first to a last day."""

    def coverage(self) -> Mapping[str, Coverage]:
        """First and last known day by metric, over all published imports."""

    def daily(self) -> pa.Table:
        """Every activity row, by client and day: client_id (int64), day (int32), the four metrics (int64,
        null). Two identities of one client can give two rows of one day."""

"""Daily activity and the days for which it is known."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import pyarrow as pa

from salesml.core.activity import ActivityDay, Coverage


class ActivityRepository(Protocol):
    """All questions see published rows only."""

    def upsert(self, rows: pa.Table, import_id: int | None) -> tuple[int, int]:
        """Insert days, or change only the metrics that are not null, journaling old values. Without an
        import, nothing is journaled and the days belong to no import from now on.

        Columns: identity_id (int64), day (int32), visits, seconds_on_site, ad_clicks,
        newsletter_opens (int64, null means "not brought"); (identity_id, day) occurs once.
        Answers (inserted, changed).
        """

    def cover(self, coverage: Sequence[Coverage], import_id: int | None) -> None:
        """Record that this import makes a metric known from a first to a last day. Without an import, that
        what was sent live does: these days are added to those known from before."""

    def coverage(self) -> Mapping[str, Coverage]:
        """First and last known day by metric, over all published imports and what was sent live."""

    def of_client(
        self, client_id: int, limit: int, before: tuple[int, int] | None = None
    ) -> Sequence[tuple[int, ActivityDay]]:
        """A client's days with their identities, the newest first; those before a (day, identity)."""

    def daily(self, client_id: int | None = None) -> pa.Table:
        """Every activity row, or those of one client, by client and day: client_id (int64), day (int32),
        the four metrics (int64, null). Two identities of one client can give two rows of one day."""

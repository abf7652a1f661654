"""Imports: a file on its way into the tables, and what became of its rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from salesml.core.refusals import Refusal


class ImportKind(StrEnum):
    ORDERS = "orders"
    CLIENTS = "clients"
    ACTIVITY = "activity"


class ImportState(StrEnum):
    """Rows of an import are visible only while it is PUBLISHED.

    What is taken back ends as FAILED (REMOVING: it was never visible) or UNDONE (UNDOING: it was).
    """

    STAGING = "staging"
    PUBLISHING = "publishing"
    PUBLISHED = "published"
    REMOVING = "removing"
    FAILED = "failed"
    UNDOING = "undoing"
    UNDONE = "undone"


MAX_RECORD = 4_000
UNPUBLISHED = (ImportState.STAGING, ImportState.PUBLISHING, ImportState.REMOVING, ImportState.UNDOING)


@dataclass(frozen=True, kw_only=True)
class RejectedRow:
    """A row that was set aside: `row` counts data rows from 1, `raw` is the value that was refused.

    `record` is the whole row as a line of CSV under the header of its file, cut at MAX_RECORD characters; of
    an order that was refused when it was published, a line for each of its items.
    """

    row: int
    field: str
    code: str
    reason: str
    raw: str | None = None
    record: str | None = None


@dataclass(frozen=True, kw_only=True)
class ImportCounts:
    """What became of the rows. For line items, `rows` counts lines and `accepted` finished orders.

    `net` is the sum of accepted amounts in minor units, `guests` orders without a client, `repeated`
    equal repeats that were ignored, `erased` rows skipped because their client was erased.
    """

    rows: int = 0
    accepted: int = 0
    repeated: int = 0
    changed: int = 0
    rejected: int = 0
    guests: int = 0
    erased: int = 0
    new_clients: int = 0
    net: int = 0

    def plus(self, other: "ImportCounts") -> "ImportCounts":
        mine, theirs = vars(self), vars(other)
        return ImportCounts(**{name: mine[name] + theirs[name] for name in mine})


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where rows come from: the source whose ids they carry, and their import; None for rows sent live.

    What came live belongs to no import: it is visible at once, and none takes it back.
    """

    source: str
    import_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class Import:
    id: int
    kind: ImportKind
    source: str
    file_name: str
    file_sha256: str
    state: ImportState
    reading: Mapping[str, object]
    counts: ImportCounts
    created_at: datetime
    finished_at: datetime | None = None
    error: str | None = None
    refusal: Refusal | None = None

    @property
    def origin(self) -> Origin:
        return Origin(source=self.source, import_id=self.id)

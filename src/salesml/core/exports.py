"""Lists on their way out: which there are, what their columns hold, and in which formats they leave."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum

from salesml.core.activity import METRICS
from salesml.core.clients import CONSENTS, ClientQuery


class ExportNoun(StrEnum):
    """A list that leaves as a table. PREDICTIONS are one scoring run's, or all of one client."""

    CLIENTS = "clients"
    ORDERS = "orders"
    ACTIVITY = "activity"
    PREDICTIONS = "predictions"
    SCORING_RUNS = "scoring-runs"
    REJECTED = "rejected"
    IMPORTS = "imports"
    AUDIT = "audit"


class ExportFormat(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"
    PARQUET = "parquet"


class Holds(Enum):
    """What a column holds while it is on its way: MONEY minor units, INSTANT epoch seconds, DAY epoch days.

    Readers get money in major units, instants and days as such.
    """

    TEXT = "text"
    WHOLE = "whole"
    REAL = "real"
    FLAG = "flag"
    MONEY = "money"
    INSTANT = "instant"
    DAY = "day"


@dataclass(frozen=True, kw_only=True)
class ExportColumn:
    name: str
    holds: Holds


def _columns(**holds: Holds) -> tuple[ExportColumn, ...]:
    return tuple(ExportColumn(name=name, holds=what) for name, what in holds.items())


_PREDICTED = _columns(
    client_id=Holds.TEXT,
    source=Holds.TEXT,
    as_of=Holds.DAY,
    predicted_sales=Holds.MONEY,
    lower=Holds.MONEY,
    upper=Holds.MONEY,
    purchase_probability=Holds.REAL,
    decision=Holds.WHOLE,
)
COLUMNS: Mapping[ExportNoun, tuple[ExportColumn, ...]] = {
    ExportNoun.CLIENTS: (
        *_columns(client_id=Holds.TEXT, source=Holds.TEXT, first_name=Holds.TEXT, last_name=Holds.TEXT),
        *_columns(email=Holds.TEXT, registered_at=Holds.INSTANT),
        *(
            column
            for name in CONSENTS
            for column in _columns(**{name: Holds.FLAG, f"{name}_at": Holds.INSTANT})
        ),
        *_columns(tenure_months=Holds.REAL, as_of=Holds.DAY, predicted_sales=Holds.MONEY),
        *_columns(purchase_probability=Holds.REAL, decision=Holds.WHOLE),
        *_columns(days_since_last_purchase=Holds.WHOLE, other_ids=Holds.TEXT, salesml_id=Holds.TEXT),
    ),
    ExportNoun.ORDERS: _columns(
        order_id=Holds.TEXT,
        source=Holds.TEXT,
        client_id=Holds.TEXT,
        ordered_at=Holds.INSTANT,
        amount=Holds.MONEY,
        currency=Holds.TEXT,
        kind=Holds.TEXT,
        cancels=Holds.TEXT,
        original_amount=Holds.TEXT,
        original_currency=Holds.TEXT,
    ),
    ExportNoun.ACTIVITY: _columns(
        client_id=Holds.TEXT, source=Holds.TEXT, day=Holds.DAY, **dict.fromkeys(METRICS, Holds.WHOLE)
    ),
    ExportNoun.PREDICTIONS: _PREDICTED,
    ExportNoun.SCORING_RUNS: _columns(
        id=Holds.TEXT,
        as_of=Holds.DAY,
        state=Holds.TEXT,
        clients=Holds.WHOLE,
        threshold=Holds.REAL,
        sales_version=Holds.TEXT,
        purchase_version=Holds.TEXT,
        published_at=Holds.INSTANT,
    ),
    ExportNoun.REJECTED: _columns(
        row=Holds.WHOLE,
        field=Holds.TEXT,
        code=Holds.TEXT,
        reason=Holds.TEXT,
        raw=Holds.TEXT,
        record=Holds.TEXT,
    ),
    ExportNoun.IMPORTS: _columns(
        id=Holds.TEXT,
        kind=Holds.TEXT,
        source=Holds.TEXT,
        file_name=Holds.TEXT,
        file_sha256=Holds.TEXT,
        state=Holds.TEXT,
        rows=Holds.WHOLE,
        accepted=Holds.WHOLE,
        repeated=Holds.WHOLE,
        changed=Holds.WHOLE,
        rejected=Holds.WHOLE,
        guests=Holds.WHOLE,
        erased=Holds.WHOLE,
        new_clients=Holds.WHOLE,
        net=Holds.MONEY,
        created_at=Holds.INSTANT,
        finished_at=Holds.INSTANT,
        error=Holds.TEXT,
    ),
    ExportNoun.AUDIT: _columns(
        at=Holds.INSTANT, actor=Holds.TEXT, action=Holds.TEXT, subject=Holds.TEXT, detail=Holds.TEXT
    ),
}
"""The columns of each list, in order; those of clients, orders and activity are what imports take."""


@dataclass(frozen=True, kw_only=True)
class ExportQuery:
    """Which rows of a list leave; None asks for all. Days are epoch days, both included.

    `clients` is for CLIENTS; `client_id`, `source` and the days are for ORDERS and ACTIVITY, and
    `client_id` for PREDICTIONS as well; `run_id` is for PREDICTIONS, the newest run without it;
    `import_id` is for REJECTED and needed there.
    """

    noun: ExportNoun
    clients: ClientQuery = field(default_factory=ClientQuery)
    client_id: int | None = None
    source: str | None = None
    first_day: int | None = None
    last_day: int | None = None
    run_id: int | None = None
    import_id: int | None = None

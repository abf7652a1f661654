"""Reports on data: what a file held, and what is stored."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from salesml.core.activity import Coverage
from salesml.core.ledgers import LedgerReport
from salesml.core.sources import Moved


@dataclass(frozen=True, kw_only=True)
class CurrencySum:
    """Orders that were paid in another currency: `original` in its minor units, `amount` what that is in
    ours; None while no rate was applied."""

    currency: str
    orders: int
    original: int
    amount: int | None = None


@dataclass(frozen=True, kw_only=True)
class ClientFigures:
    """How many clients there are, and of how many something is known; `consents` by name are those given."""

    clients: int
    with_email: int = 0
    with_registration: int = 0
    consents: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ActivityFigures:
    """Days of clients with activity, the sum of each metric, and the days for which it is known."""

    days: int
    clients: int
    sums: Mapping[str, int] = field(default_factory=dict)
    coverage: tuple[Coverage, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RefusedSum:
    """Orders that were refused while a file was read: how many rows tell an amount, and their sum in minor
    units of a currency, None being ours."""

    currency: str | None
    rows: int
    amount: int


@dataclass(frozen=True, kw_only=True)
class FileReport:
    """The good rows of a file as they are, whatever of them was stored before: of its kind, one part.

    `ledger` leaves out what was paid in other `currencies`. `refused` is the money of rows that were set
    aside while the file was read; `unreadable` rows of them tell none.
    """

    ledger: LedgerReport | None = None
    currencies: tuple[CurrencySum, ...] = ()
    clients: ClientFigures | None = None
    activity: ActivityFigures | None = None
    refused: tuple[RefusedSum, ...] = ()
    unreadable: int = 0


@dataclass(frozen=True, kw_only=True)
class Totals:
    """Number of orders, and their net sum in minor units."""

    orders: int
    net: int


@dataclass(frozen=True, kw_only=True)
class ImportReport:
    """A file, and what was stored before and after it; of a foreign database's rows, what `moved` with it."""

    file: FileReport
    before: Totals
    after: Totals
    moved: Moved | None = None


@dataclass(frozen=True, kw_only=True)
class ClaimState:
    """A model by `<target>_<role>`; `reason` is what is missing to train it, None if nothing is."""

    name: str
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class FeatureState:
    """A feature of models; `reason` is why none can use it, None if one can."""

    name: str
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class DataReport:
    """All that is stored, and what can be done with it as of a day (None without orders).

    `backtests` is how many past dates, 30 days apart, can be judged honestly.
    """

    ledger: LedgerReport
    currencies: tuple[CurrencySum, ...]
    clients: ClientFigures
    activity: ActivityFigures
    as_of_day: int | None
    claims: tuple[ClaimState, ...]
    features: tuple[FeatureState, ...]
    backtests: int
    computed_at: datetime

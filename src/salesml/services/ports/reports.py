"""What is stored, in figures, and the reports that imports left."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from salesml.core.files import Staged
from salesml.core.imports import ImportKind
from salesml.core.ledgers import LedgerReport
from salesml.core.reports import ActivityFigures, ClientFigures, CurrencySum, FileReport, Totals


class FileDescriber(Protocol):
    def __call__(self, staged: Staged, kind: ImportKind) -> FileReport:
        """What the good rows of a staged file hold."""


class ReportRepository(Protocol):
    """All figures are of published rows."""

    def orders(self) -> LedgerReport: ...

    def currencies(self) -> Sequence[CurrencySum]:
        """Orders that were paid in other currencies, by currency."""

    def clients(self) -> ClientFigures: ...

    def activity(self) -> ActivityFigures: ...

    def is_larger_than(self, rows: int) -> bool:
        """Whether there are more orders and days of activity together; counts no further than that."""

    def totals(self) -> Totals:
        """Number and net sum of the orders, quicker than `orders`."""

    def keep(self, import_id: int, report: Mapping[str, Any]) -> None:
        """Store an import's report as JSON, in the place of an earlier one."""

    def of_import(self, import_id: int) -> Mapping[str, Any] | None:
        """The report of an import; None where none was made."""

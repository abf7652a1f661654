"""What the data is like, and what can be done with it: of one import, and of all that is stored."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from salesml.core.days import day_of
from salesml.core.errors import TooLittleData
from salesml.core.ledgers import LedgerReport
from salesml.core.money import Currency
from salesml.core.plain import from_plain, to_plain
from salesml.core.reports import (
    ActivityFigures,
    ClientFigures,
    CurrencySum,
    DataReport,
    FileReport,
    ImportReport,
    Totals,
)
from salesml.ml.history import History
from salesml.ml.readiness import nothing, readiness
from salesml.services import history, installation
from salesml.services.ports.unit_of_work import Transactions, UnitOfWork

KEPT_FOR = timedelta(hours=1)
"""Small changes, such as an e-mail address, make no new report before that."""
_NAME, _BEFORE = "data_report", "before"
_CHANGED_WITH = ("dashboard", "sales_trend")
"""Figures that are prepared anew whenever clients or orders have changed."""


@dataclass(frozen=True, kw_only=True)
class _Material:
    """Everything that a report is made of, as one snapshot of the database has it."""

    ledger: LedgerReport
    currencies: tuple[CurrencySum, ...]
    clients: ClientFigures
    activity: ActivityFigures
    history: History | None
    as_of_day: int | None
    reason: str | None


def data_report(tx: Transactions, now: datetime, *, anew: bool = False) -> DataReport:
    """The report on all that is stored: the one that was kept if nothing has changed since.

    Reads everything otherwise, and computes outside of transactions: call it in a thread.
    """
    found = None if anew else tx.read(_kept, now)
    if found is None:
        found = _computed(tx.read(_material, now), now)
        tx.run(_keep, found)
    return found


def data_report_here(tx: Transactions, now: datetime, *, anew: bool = False) -> tuple[DataReport, Currency]:
    """The same, and the currency that gives its sums a meaning."""
    return data_report(tx, now, anew=anew), tx.read(installation.current).currency


def begin(uow: UnitOfWork, import_id: int) -> None:
    """Note what is stored before an import writes anything."""
    uow.reports.keep(import_id, {_BEFORE: to_plain(uow.reports.totals())})


def keep(uow: UnitOfWork, import_id: int, file: FileReport) -> None:
    """Keep the report of an import that has just become visible."""
    before = from_plain(Totals, (uow.reports.of_import(import_id) or {})[_BEFORE])
    report = ImportReport(file=file, before=before, after=uow.reports.totals())
    uow.reports.keep(import_id, to_plain(report))


def of_import(uow: UnitOfWork, import_id: int) -> ImportReport | None:
    """What was found when the import was made; None if it never became visible."""
    found = uow.reports.of_import(import_id)
    return from_plain(ImportReport, found) if found is not None and "file" in found else None


def _kept(uow: UnitOfWork, now: datetime) -> DataReport | None:
    """The report that was kept, unless it may be old."""
    found = uow.summaries.get(_NAME)
    if found is None:
        return None
    value, computed_at = found
    changes = [each[1] for each in map(uow.summaries.get, _CHANGED_WITH) if each is not None]
    is_old = now - computed_at > KEPT_FOR or any(at >= computed_at for at in changes)
    return None if is_old else from_plain(DataReport, value)


def _keep(uow: UnitOfWork, report: DataReport) -> None:
    uow.summaries.put(_NAME, to_plain(report), report.computed_at)


def _material(uow: UnitOfWork, now: datetime) -> _Material:
    as_of_day, reason = None, None
    try:
        as_of_day = history.as_of_day(uow, today=day_of(now, installation.current(uow).zone))
    except TooLittleData as error:
        reason = str(error)
    return _Material(
        ledger=uow.reports.orders(),
        currencies=tuple(uow.reports.currencies()),
        clients=uow.reports.clients(),
        activity=uow.reports.activity(),
        history=None if as_of_day is None else history.load(uow),
        as_of_day=as_of_day,
        reason=reason,
    )


def _computed(material: _Material, now: datetime) -> DataReport:
    if material.history is None or material.as_of_day is None:
        ready = nothing(material.reason or "")
    else:
        ready = readiness(material.history, material.as_of_day)
    return DataReport(
        ledger=material.ledger,
        currencies=material.currencies,
        clients=material.clients,
        activity=material.activity,
        as_of_day=material.as_of_day,
        claims=ready.claims,
        features=ready.features,
        backtests=ready.backtests,
        computed_at=now,
    )

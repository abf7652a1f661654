"""What all stored data is like, and what can be done with it."""

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
)
from salesml.ml.features.engine import Resources
from salesml.ml.history import History
from salesml.ml.readiness import nothing, readiness
from salesml.services import history, installation
from salesml.services.ports.unit_of_work import Transactions, UnitOfWork

KEPT_FOR = timedelta(hours=1)
"""Small changes, such as an e-mail address, make no new report before that."""
_NAME = "data_report"
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


def data_report(tx: Transactions, resources: Resources, now: datetime, *, anew: bool = False) -> DataReport:
    """The report on all that is stored: the one that was kept if nothing has changed since.

    Reads everything otherwise, and computes outside of transactions: call it in a thread.
    """
    found = None if anew else tx.read(_kept, now)
    if found is None:
        found = _computed(tx.read(_material, now), resources, now)
        tx.run(_keep, found)
    return found


def data_report_here(
    tx: Transactions, resources: Resources, now: datetime, *, anew: bool = False
) -> tuple[DataReport, Currency]:
    """The same, and the currency that gives its sums a meaning."""
    return data_report(tx, resources, now, anew=anew), tx.read(installation.current).currency


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


def _computed(material: _Material, resources: Resources, now: datetime) -> DataReport:
    if material.history is None or material.as_of_day is None:
        ready = nothing(material.reason or "")
    else:
        ready = readiness(material.history, material.as_of_day, resources)
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

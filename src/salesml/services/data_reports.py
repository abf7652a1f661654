"""What all stored data is like, and what can be done with it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from salesml.core.days import day_of
from salesml.core.errors import TooLittleData
from salesml.core.jobs import UNFINISHED, Job, JobKind, JobStatus
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
from salesml.services import history, installation, jobs
from salesml.services.ports.unit_of_work import Transactions, UnitOfWork

KEPT_FOR = timedelta(hours=1)
"""Small changes, such as an e-mail address, make no new report before that."""
AT_ONCE_ROWS = 200_000
"""Orders and days of activity that are counted while somebody waits: a second or two."""
RENEWED_AFTER = timedelta(minutes=5)
"""Where orders come all the time, a report of much data is not made again and again."""
_NAME = "data_report"
_CHANGED_WITH = ("dashboard", "sales_trend")
"""Figures that are prepared anew whenever clients or orders have changed."""


@dataclass(frozen=True, kw_only=True)
class Material:
    """Everything that a report is made of, as one snapshot of the database has it."""

    ledger: LedgerReport
    currencies: tuple[CurrencySum, ...]
    clients: ClientFigures
    activity: ActivityFigures
    history: History | None
    as_of_day: int | None
    reason: str | None


@dataclass(frozen=True, kw_only=True)
class Standing:
    """The newest report, if there is any; `is_old` when the data may have changed since.

    `job` makes the next one; one that has ended failed to.
    """

    report: DataReport | None
    is_old: bool = False
    is_large: bool = False
    job: Job | None = None


def data_report(tx: Transactions, resources: Resources, now: datetime, *, anew: bool = False) -> DataReport:
    """The report on all that is stored: the one that was kept if nothing has changed since.

    Reads everything otherwise, and computes outside of transactions: call it in a thread.
    """
    kept = None if anew else tx.read(_standing, now)
    if kept is not None and kept.report is not None and not kept.is_old:
        return kept.report
    found = computed(tx.read(material, now), resources, now)
    tx.run(keep, found)
    return found


def data_report_here(
    tx: Transactions, resources: Resources, now: datetime, *, anew: bool = False
) -> tuple[DataReport, Currency]:
    """The same, and the currency that gives its sums a meaning."""
    return data_report(tx, resources, now, anew=anew), tx.read(installation.current).currency


def standing(tx: Transactions, resources: Resources, now: datetime, *, actor: str) -> Standing:
    """What can be told without long waiting. Of little data, that is an exact report.

    Of much data it is the last report, while a job makes the next one: one is asked for here when the last
    is older than RENEWED_AFTER, unless the last job failed since. Call it in a thread.
    """
    found = tx.read(_standing, now)
    if found.report is not None and not found.is_old:
        return found
    if not found.is_large:
        return Standing(report=data_report(tx, resources, now))
    is_due = found.report is None or now - found.report.computed_at > RENEWED_AFTER
    if found.job is None and is_due:
        return replace(found, job=tx.run(renew, actor=actor, now=now))
    return found


def renew(uow: UnitOfWork, *, actor: str, now: datetime) -> Job:
    """Ask for another report; while one is being made, answers its job."""
    return jobs.enqueue(uow, JobKind.REPORT, {}, unique_key=_NAME, created_by=actor, now=now)


def _standing(uow: UnitOfWork, now: datetime) -> Standing:
    report, is_old = _kept(uow, now)
    if not is_old:
        return Standing(report=report)
    newest = next(iter(jobs.page(uow, kind=JobKind.REPORT, limit=1).items), None)
    if newest is not None and not _still_tells(newest, report, now):
        newest = None
    return Standing(report=report, is_old=True, is_large=uow.reports.is_larger_than(AT_ONCE_ROWS), job=newest)


def _still_tells(job: Job, report: DataReport | None, now: datetime) -> bool:
    """Whether a job is under way, or has lately ended without a report."""
    if job.status in UNFINISHED:
        return True
    failed = job.status is not JobStatus.SUCCEEDED and now - job.created_at < RENEWED_AFTER
    return failed and (report is None or job.created_at > report.computed_at)


def _kept(uow: UnitOfWork, now: datetime) -> tuple[DataReport | None, bool]:
    """The report that was kept, and whether it may be old."""
    found = uow.summaries.get(_NAME)
    if found is None:
        return None, True
    value, computed_at = found
    changes = [each[1] for each in map(uow.summaries.get, _CHANGED_WITH) if each is not None]
    is_old = now - computed_at > KEPT_FOR or any(at >= computed_at for at in changes)
    return from_plain(DataReport, value), is_old


def keep(uow: UnitOfWork, report: DataReport) -> None:
    """Keep a report in the place of the last one."""
    uow.summaries.put(_NAME, to_plain(report), report.computed_at)


def material(uow: UnitOfWork, now: datetime) -> Material:
    """Read what a report is made of."""
    as_of_day, reason = None, None
    try:
        as_of_day = history.as_of_day(uow, today=day_of(now, installation.current(uow).zone))
    except TooLittleData as error:
        reason = str(error)
    return Material(
        ledger=uow.reports.orders(),
        currencies=tuple(uow.reports.currencies()),
        clients=uow.reports.clients(),
        activity=uow.reports.activity(),
        history=None if as_of_day is None else history.load(uow),
        as_of_day=as_of_day,
        reason=reason,
    )


def computed(material: Material, resources: Resources, now: datetime) -> DataReport:
    """The report; `now` is when its material was read."""
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

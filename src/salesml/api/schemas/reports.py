"""Reports on data. Money in major units, days as dates."""

from datetime import date, datetime

from pydantic import Field

from salesml.core.days import date_of
from salesml.core.jobs import Job
from salesml.core.ledgers import Gap, LedgerReport, Outlier, VoidPair
from salesml.core.money import Currency
from salesml.core.reports import (
    ActivityFigures,
    ClientFigures,
    CurrencySum,
    DataReport,
    ImportReport,
    RefusedSum,
    Totals,
)
from salesml.http.schemas.base import Out


class KindSumOut(Out):
    kind: str
    orders: int
    amount: float


class GapOut(Out):
    first_day: date
    last_day: date
    days: int

    @staticmethod
    def of(gap: Gap) -> "GapOut":
        return GapOut(first_day=date_of(gap.first_day), last_day=date_of(gap.last_day), days=gap.days)


class OutlierOut(Out):
    """A sale far above the median sale."""

    source: str
    order_id: str
    day: date
    amount: float
    medians: float = Field(description="how many times the median sale")

    @staticmethod
    def of(outlier: Outlier, currency: Currency) -> "OutlierOut":
        told = {
            **vars(outlier),
            "day": date_of(outlier.day),
            "amount": float(currency.to_major(outlier.amount)),
        }
        return OutlierOut.model_validate(told)


class VoidPairOut(Out):
    """A sale and its full cancellation: neither counts for any forecast."""

    source: str
    sale: str
    cancellation: str
    day: date
    amount: float
    after_seconds: int
    linked: bool = Field(description="true when the source itself says what was cancelled")

    @staticmethod
    def of(pair: VoidPair, currency: Currency) -> "VoidPairOut":
        return VoidPairOut(
            source=pair.source,
            sale=pair.sale,
            cancellation=pair.cancellation,
            day=date_of(pair.day),
            amount=float(currency.to_major(pair.amount)),
            after_seconds=pair.after_s,
            linked=pair.linked,
        )


class LedgerOut(Out):
    """Orders. Of gaps, outliers and void pairs the largest are listed, and all are counted."""

    orders: int
    clients: int
    net: float = Field(description="sum of all signed amounts")
    gross: float = Field(description="sum of the amounts above 0")
    zero_orders: int
    guests: int = Field(description="orders without a client")
    guests_net: float
    guests_share: float | None = Field(description="of the net sum")
    kinds: list[KindSumOut]
    first_day: date | None
    last_day: date | None
    days_with_orders: int
    gaps: list[GapOut] = Field(description="more than a week without any order")
    gap_count: int
    repeats: int = Field(description="orders that another one equals but for its number")
    median_sale: float | None
    outliers: list[OutlierOut]
    outlier_count: int
    voids: list[VoidPairOut]
    void_count: int
    void_sum: float

    @staticmethod
    def of(ledger: LedgerReport, currency: Currency) -> "LedgerOut":
        def major(minor: int | None) -> float | None:
            return None if minor is None else float(currency.to_major(minor))

        told = {
            **vars(ledger),
            **{name: major(getattr(ledger, name)) for name in _MONEY},
            **{name: _date(getattr(ledger, name)) for name in ("first_day", "last_day")},
            "guests_share": ledger.guests_share,
            "kinds": [
                KindSumOut(kind=each.kind, orders=each.orders, amount=float(currency.to_major(each.amount)))
                for each in ledger.kinds
            ],
            "gaps": [GapOut.of(gap) for gap in ledger.gaps],
            "outliers": [OutlierOut.of(each, currency) for each in ledger.outliers],
            "voids": [VoidPairOut.of(pair, currency) for pair in ledger.voids],
        }
        return LedgerOut.model_validate(told)


_MONEY = ("net", "gross", "guests_net", "median_sale", "void_sum")


class CurrencySumOut(Out):
    """Orders that were paid in another currency."""

    currency: str
    orders: int
    original: float = Field(description="sum in that currency")
    amount: float | None = Field(description="the same in the installation's, once a rate was applied")

    @staticmethod
    def of(found: CurrencySum, own: Currency) -> "CurrencySumOut":
        return CurrencySumOut(
            currency=found.currency,
            orders=found.orders,
            original=float(Currency(found.currency).to_major(found.original)),
            amount=None if found.amount is None else float(own.to_major(found.amount)),
        )


class RefusedSumOut(Out):
    """Money of rows that were set aside while the file was read."""

    currency: str
    rows: int = Field(description="rows that tell an amount")
    amount: float = Field(description="their sum in that currency")

    @staticmethod
    def of(found: RefusedSum, own: Currency) -> "RefusedSumOut":
        currency = own if found.currency is None else Currency(found.currency)
        amount = float(currency.to_major(found.amount))
        return RefusedSumOut(currency=currency.code, rows=found.rows, amount=amount)


class ClientFiguresOut(Out):
    clients: int
    with_email: int
    with_registration: int
    consents: dict[str, int]

    @staticmethod
    def of(figures: ClientFigures) -> "ClientFiguresOut":
        return ClientFiguresOut.model_validate(vars(figures))


class CoverageOut(Out):
    first_day: date
    last_day: date


class ActivityFiguresOut(Out):
    """Days of clients with activity; `known` says for which days each metric is known."""

    days: int
    clients: int
    sums: dict[str, int]
    known: dict[str, CoverageOut]

    @staticmethod
    def of(figures: ActivityFigures) -> "ActivityFiguresOut":
        known = {
            each.metric: CoverageOut(first_day=date_of(each.first_day), last_day=date_of(each.last_day))
            for each in figures.coverage
        }
        return ActivityFiguresOut(
            days=figures.days, clients=figures.clients, sums=dict(figures.sums), known=known
        )


class TotalsOut(Out):
    orders: int
    net: float

    @staticmethod
    def of(totals: Totals, currency: Currency) -> "TotalsOut":
        return TotalsOut(orders=totals.orders, net=float(currency.to_major(totals.net)))


class ImportReportOut(Out):
    """The good rows of a file as they are, and what was stored before and after it."""

    currency: str
    ledger: LedgerOut | None
    currencies: list[CurrencySumOut]
    clients: ClientFiguresOut | None
    activity: ActivityFiguresOut | None
    refused: list[RefusedSumOut] = Field(
        description="of orders; with the ledger's net: all money of the file"
    )
    unreadable: int = Field(description="refused rows that tell no amount")
    before: TotalsOut
    after: TotalsOut

    @staticmethod
    def of(report: ImportReport, currency: Currency) -> "ImportReportOut":
        file = report.file
        return ImportReportOut(
            currency=currency.code,
            ledger=LedgerOut.of(file.ledger, currency) if file.ledger else None,
            currencies=[CurrencySumOut.of(each, currency) for each in file.currencies],
            clients=ClientFiguresOut.of(file.clients) if file.clients else None,
            activity=ActivityFiguresOut.of(file.activity) if file.activity else None,
            refused=[RefusedSumOut.of(each, currency) for each in file.refused],
            unreadable=file.unreadable,
            before=TotalsOut.of(report.before, currency),
            after=TotalsOut.of(report.after, currency),
        )


class ClaimOut(Out):
    """Something that models could say, as `sales_clients`; `reason` is what is missing for it."""

    name: str
    possible: bool
    reason: str | None


class DataReportOut(Out):
    """All that is stored, and what can be done with it."""

    currency: str
    orders: LedgerOut
    currencies: list[CurrencySumOut]
    clients: ClientFiguresOut
    activity: ActivityFiguresOut
    as_of: date | None
    claims: list[ClaimOut]
    features: list[ClaimOut]
    backtests: int = Field(description="past dates, 30 days apart, that can be judged honestly")
    computed_at: datetime
    renewed_by: str | None = Field(description="the job that makes the next report, of much data")

    @staticmethod
    def of(report: DataReport, currency: Currency, job: Job | None = None) -> "DataReportOut":
        return DataReportOut(
            currency=currency.code,
            orders=LedgerOut.of(report.ledger, currency),
            currencies=[CurrencySumOut.of(each, currency) for each in report.currencies],
            clients=ClientFiguresOut.of(report.clients),
            activity=ActivityFiguresOut.of(report.activity),
            as_of=_date(report.as_of_day),
            claims=[_claim(each.name, each.reason) for each in report.claims],
            features=[_claim(each.name, each.reason) for each in report.features],
            backtests=report.backtests,
            computed_at=report.computed_at,
            renewed_by=None if job is None else str(job.id),
        )


def _claim(name: str, reason: str | None) -> ClaimOut:
    return ClaimOut(name=name, possible=reason is None, reason=reason)


def _date(day: int | None) -> date | None:
    return None if day is None else date_of(day)

"""The figures of the main page."""

from datetime import date, datetime

from pydantic import Field

from salesml.api.schemas.forecasts import AlarmOut, CompanyForecastOut
from salesml.core.dashboard import MonthSales, SalesTrend
from salesml.core.days import date_of
from salesml.core.models import HORIZON_DAYS, Target
from salesml.core.money import Currency
from salesml.http.schemas.base import Out
from salesml.services.dashboard import Figures


class WarningOut(Out):
    code: str = Field(examples=["as_of_is_old"])
    reason: str


class SummaryOut(Out):
    """Figures of the newest scoring run; null before the first one. Money in major units."""

    clients: int = Field(description="everybody, scored or not")
    scored_clients: int
    average_forecast: float | None = Field(description="mean forecast of the next 30 days per client")
    next_30_days_total: float | None = Field(description="of the scored clients; see company_forecast")
    currency: str
    threshold: float
    clients_at_threshold: int | None
    share_at_threshold: float | None
    expected_buyers: float | None = Field(description="sum of the probabilities of these clients")
    as_of: date | None
    model_versions: dict[Target, str]
    scored_at: datetime | None
    computed_at: datetime | None = Field(description="when these figures were last brought up to date")
    simulated: bool = Field(description="true when all data is made up")
    warning: WarningOut | None
    company_forecast: CompanyForecastOut | None = Field(description="of all sales, not of clients alone")
    alarms: list[AlarmOut] = Field(description="what somebody should look at, the gravest first")

    @staticmethod
    def of(figures: Figures) -> "SummaryOut":
        here, scored = figures.here, figures.scored
        total = None if scored is None else _major(scored.forecast_total, here.currency)
        return SummaryOut(
            clients=figures.clients,
            scored_clients=scored.clients if scored else 0,
            average_forecast=_mean(total, scored.clients if scored else 0, here.currency),
            next_30_days_total=total,
            currency=here.currency.code,
            threshold=here.threshold,
            clients_at_threshold=scored.selection.clients if scored else None,
            share_at_threshold=figures.share,
            expected_buyers=scored.selection.expected_buyers if scored else None,
            as_of=date_of(scored.as_of_day) if scored else None,
            model_versions=dict(scored.versions) if scored else {},
            scored_at=scored.scored_at if scored else None,
            computed_at=figures.computed_at,
            simulated=here.simulated,
            warning=_warning(scored.as_of_day) if scored and figures.is_old else None,
            company_forecast=CompanyForecastOut.of(figures.company, here.currency)
            if figures.company
            else None,
            alarms=[AlarmOut.of(each) for each in figures.alarms],
        )


class MonthOut(Out):
    month: str = Field(examples=["2026-10"])
    net_sales: float
    orders: int
    is_complete: bool = Field(description="false while orders of later days are still to come")


class ForecastOut(Out):
    """What is forecast to be sold after the as-of date, new clients and guests included."""

    first_day: date
    last_day: date
    total: float
    as_of: date


class SalesTrendOut(Out):
    """Net sales by calendar month, guests included, the oldest first; the forecast follows them."""

    currency: str
    months: list[MonthOut]
    forecast: ForecastOut | None
    computed_at: datetime | None
    simulated: bool

    @staticmethod
    def of(trend: SalesTrend, currency: Currency, *, simulated: bool) -> "SalesTrendOut":
        return SalesTrendOut(
            currency=currency.code,
            months=[_month(each, currency) for each in trend.months],
            forecast=_forecast(trend, currency),
            computed_at=trend.computed_at,
            simulated=simulated,
        )


def _month(month: MonthSales, currency: Currency) -> MonthOut:
    return MonthOut(
        month=month.month,
        net_sales=_major(month.net, currency),
        orders=month.orders,
        is_complete=month.is_complete,
    )


def _forecast(trend: SalesTrend, currency: Currency) -> ForecastOut | None:
    scored, ahead = trend.scored, trend.ahead
    if scored is None or ahead is None:
        return None
    return ForecastOut(
        first_day=date_of(scored.as_of_day + 1),
        last_day=date_of(scored.as_of_day + HORIZON_DAYS[Target.SALES]),
        total=_major(ahead, currency),
        as_of=date_of(scored.as_of_day),
    )


def _warning(as_of_day: int) -> WarningOut:
    reason = f"the newest scoring is from {date_of(as_of_day)}: import newer orders, then score again"
    return WarningOut(code="as_of_is_old", reason=reason)


def _mean(total: float | None, clients: int, currency: Currency) -> float | None:
    return None if total is None or clients == 0 else round(total / clients, currency.exponent)


def _major(minor: int, currency: Currency) -> float:
    return float(currency.to_major(minor))

"""The main page: what the newest scoring says in sum, and sales of the past beside it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from fastapi import APIRouter
from starlette.responses import Response

from salesml.core.dashboard import SalesTrend
from salesml.core.days import date_of
from salesml.core.errors import NoModel
from salesml.core.models import HORIZON_DAYS, ModelRole, Target
from salesml.core.money import Currency
from salesml.services import dashboard, models
from salesml.services.dashboard import Figures
from salesml.services.ports.unit_of_work import UnitOfWork
from salesml.web.i18n import Language
from salesml.web.visits import Member

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, kw_only=True)
class Overview:
    """`missing` is what stands in the way of forecasts: `orders`, `models`, `scores`, or None."""

    figures: Figures
    trend: SalesTrend
    missing: str | None

    @property
    def average(self) -> int | None:
        """Forecast of a scored client in minor units, in the mean."""
        scored = self.figures.scored
        return round(scored.forecast_total / scored.clients) if scored and scored.clients else None


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One bar of the chart and row of its table; `amount` in minor units, `kind` is actual, partial or
    forecast."""

    label: str
    short: str
    amount: int
    kind: str


@router.get("/")
async def show(visit: Member) -> Response:
    """The main page, or what to do first while there is nothing to show."""
    found = await visit.tx.read(overview, datetime.now(UTC))
    shown = bars(found.trend, visit.language)
    return visit.page(
        "dashboard/dashboard.html", found=found, bars=shown, chart=chart(shown, visit.here.currency)
    )


def overview(uow: UnitOfWork, now: datetime) -> Overview:
    figures, trend = dashboard.figures(uow, now), dashboard.sales_trend(uow)
    return Overview(figures=figures, trend=trend, missing=None if figures.scored else _missing(uow, trend))


def _missing(uow: UnitOfWork, trend: SalesTrend) -> str:
    if not trend.months:
        return "orders"
    try:
        for target in Target:
            models.champion(uow, target, ModelRole.CLIENTS)
    except NoModel:
        return "models"
    return "scores"


def bars(trend: SalesTrend, language: Language) -> list[Bar]:
    """Actual months, and after them the forecast over its own 30 days."""
    shown = [
        Bar(
            label=language.month(date.fromisoformat(f"{each.month}-01")),
            short=language.month(date.fromisoformat(f"{each.month}-01"), short=True),
            amount=each.net,
            kind="actual" if each.is_complete else "partial",
        )
        for each in trend.months
    ]
    if trend.scored is None:
        return shown
    days = HORIZON_DAYS[Target.SALES]
    first, last = trend.scored.as_of_day + 1, trend.scored.as_of_day + days
    forecast = Bar(
        label=language.gettext(
            "%(first)s to %(last)s",
            first=language.day(date_of(first)),
            last=language.day(date_of(last)),
        ),
        short=language.gettext("Next %(days)s days", days=days),
        amount=trend.scored.forecast_total,
        kind="forecast",
    )
    return [*shown, forecast]


def chart(shown: list[Bar], currency: Currency) -> dict[str, object]:
    """What the chart's script draws; amounts in major units."""
    return {
        "currency": currency.code,
        "bars": [
            {
                "label": each.short,
                "title": each.label,
                "value": float(currency.to_major(each.amount)),
                "kind": each.kind,
            }
            for each in shown
        ],
    }

"""The main page: what the newest scoring says in sum, and sales of the past beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from fastapi import APIRouter
from starlette.responses import Response

from salesml.core.dashboard import SalesTrend
from salesml.core.days import date_of
from salesml.core.errors import NoModel
from salesml.core.forecasts import CompanyForecast
from salesml.core.models import HORIZON_DAYS, ModelRole, Target
from salesml.core.money import Currency
from salesml.services import dashboard, models
from salesml.services.dashboard import Figures
from salesml.services.ports.unit_of_work import UnitOfWork
from salesml.web.alarm_texts import alarm_text
from salesml.web.i18n import N_, Language
from salesml.web.visits import Member

router = APIRouter(include_in_schema=False)
MATURED = 12
"""Earlier forecasts that are shown."""


@dataclass(frozen=True, kw_only=True)
class Overview:
    """`matured` are earlier forecasts of which is known what happened; `missing` is what stands in the way of
    forecasts: `orders`, `models`, `scores`, or None."""

    figures: Figures
    trend: SalesTrend
    matured: Sequence[CompanyForecast]
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


@dataclass(frozen=True, kw_only=True)
class Share:
    """A part of the forecast of the company: `start` and `share` in per cent of the whole bar."""

    name: str
    label: str
    hint: str
    amount: int
    start: float
    share: float


_PARTS: Mapping[str, tuple[str, str]] = {
    "repeat": (N_("Active clients"), N_("bought in the last 90 days")),
    "reactivated": (N_("Returning clients"), N_("not bought for longer, or never")),
    "new": (N_("New clients"), N_("not known yet")),
    "guest": (N_("Guests"), N_("orders without a client")),
}
"""Label and explanation."""


@router.get("/")
async def show(visit: Member) -> Response:
    """The main page, or what to do first while there is nothing to show."""
    found = await visit.tx.read(overview, datetime.now(UTC))
    shown = bars(found.trend, visit.language)
    language, currency = visit.language, visit.here.currency
    company = found.figures.company
    return visit.page(
        "dashboard/dashboard.html",
        found=found,
        bars=shown,
        chart=chart(shown, currency),
        alarms=[alarm_text(language, each, currency) for each in found.figures.alarms],
        shares=shares(company, language) if company else [],
    )


def overview(uow: UnitOfWork, now: datetime) -> Overview:
    figures, trend = dashboard.figures(uow, now), dashboard.sales_trend(uow)
    return Overview(
        figures=figures,
        trend=trend,
        matured=uow.forecasts.matured(MATURED),
        missing=None if figures.scored else _missing(uow, trend),
    )


def _missing(uow: UnitOfWork, trend: SalesTrend) -> str:
    if not trend.months:
        return "orders"
    try:
        for target in Target:
            models.champion(uow, target, ModelRole.CLIENTS)
    except NoModel:
        return "models"
    return "scores"


def shares(company: CompanyForecast, language: Language) -> list[Share]:
    """The four parts, one behind the other; a part below 0 has no share of the bar."""
    whole = sum(max(0, amount) for amount in company.parts.values())
    found, start = [], 0.0
    for name, amount in company.parts.items():
        label, hint = (language.gettext(text) for text in _PARTS[name])
        share = round(100 * max(0, amount) / whole, 2) if whole else 0.0
        found.append(Share(name=name, label=label, hint=hint, amount=amount, start=start, share=share))
        start = round(start + share, 2)
    return found


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
    if trend.scored is None or trend.ahead is None:
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
        amount=trend.ahead,
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

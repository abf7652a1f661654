"""The figures of the main page: prepared by whoever changes what they are made of, only read by requests.

Whatever publishes a run, an import, an order, a client or a threshold calls the function here that is
named after the change, in its own transaction and as the last thing in it: from then on nobody else can
prepare figures. So the figures are never older than what they sum up.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Any

from salesml.core.alarms import Alarm
from salesml.core.dashboard import (
    OLD_AFTER_DAYS,
    TREND_MONTHS,
    MonthSales,
    SalesTrend,
    ScoredFigures,
    Selection,
    Summary,
)
from salesml.core.days import date_of, day_of, epoch_day
from salesml.core.forecasts import CompanyForecast
from salesml.core.installation import Installation
from salesml.core.models import Target
from salesml.core.predictions import ScoringRun
from salesml.services import alarms, forecasts, installation
from salesml.services.ports.unit_of_work import UnitOfWork

_SUMMARY, _TREND = "dashboard", "sales_trend"
Stored = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Figures:
    """The main page: the prepared figures and what is true of all of them. `share` of the scored clients
    reaches the threshold; None without any. With `is_old` the as-of date should be warned of. `company` is
    the forecast of the newest run, None for one of an older program."""

    here: Installation
    clients: int
    scored: ScoredFigures | None
    company: CompanyForecast | None
    alarms: tuple[Alarm, ...]
    share: float | None
    is_old: bool
    computed_at: datetime | None


def figures(uow: UnitOfWork, now: datetime) -> Figures:
    """What the main page shows. Computes nothing but ages and shares."""
    here, found = installation.current(uow), summary(uow)
    scored = found.scored if found else None
    age_days = day_of(now, here.zone) - scored.as_of_day if scored else 0
    return Figures(
        here=here,
        clients=found.clients if found else 0,
        scored=scored,
        company=uow.forecasts.get(scored.run_id) if scored else None,
        alarms=alarms.at(uow, found.alarms if found else (), scored.as_of_day if scored else None, now),
        share=scored.selection.clients / scored.clients if scored and scored.clients else None,
        is_old=age_days > OLD_AFTER_DAYS,
        computed_at=found.computed_at if found else None,
    )


def sales_trend_here(uow: UnitOfWork) -> tuple[SalesTrend, Installation]:
    """The trend, and the installation that gives its money a meaning."""
    return sales_trend(uow), installation.current(uow)


def summary(uow: UnitOfWork) -> Summary | None:
    """The prepared figures; None in a database in which nothing has happened yet."""
    found = uow.summaries.get(_SUMMARY)
    if found is None:
        return None
    value, computed_at = found
    return Summary(
        clients=value["clients"],
        scored=_scored_from(value["scored"]),
        alarms=tuple(map(Alarm.of, value.get("alarms", ()))),
        gauges=value.get("gauges", {}),
        computed_at=computed_at,
    )


def sales_trend(uow: UnitOfWork) -> SalesTrend:
    """Net sales of the last 24 months, guests included, and the newest run that looks ahead of them.

    A sale and its cancellation in one month leave nothing; a later cancellation lowers the month in
    which it came. So the months of a ledger add up to its net sum.
    """
    found, figures = uow.summaries.get(_TREND), summary(uow)
    scored = figures.scored if figures else None
    months, computed_at = ([], None) if found is None else (found[0]["months"], found[1])
    return SalesTrend(
        months=tuple(MonthSales(**each) for each in months),
        scored=scored,
        company=uow.forecasts.get(scored.run_id) if scored else None,
        computed_at=computed_at,
    )


def refresh(uow: UnitOfWork, now: datetime) -> None:
    """Prepare everything anew, as after an import was published or taken back."""
    clients_changed(uow, now)
    sales_changed(uow, now)


def clients_changed(uow: UnitOfWork, now: datetime) -> None:
    """Prepare what depends on who is a client, and on what was scored of them."""
    uow.summaries.lock()
    run = uow.predictions.latest_run()
    if run is not None:
        forecasts.recount(uow, run.id)
    _put(uow, {"clients": uow.clients.count(), "scored": _scored(uow, run), **_alarms(uow, run)}, now)


def outcomes_changed(uow: UnitOfWork, now: datetime) -> None:
    """Prepare what depends on how forecasts fared."""
    uow.summaries.lock()
    before = _stored_summary(uow)
    if not before:
        clients_changed(uow, now)
    else:
        _put(uow, {**before, **_alarms(uow, uow.predictions.latest_run())}, now)


def client_added(uow: UnitOfWork, now: datetime, by: int = 1) -> None:
    """Count clients that no run has scored yet, without counting all the others."""
    uow.summaries.lock()
    before = _stored_summary(uow)
    if not before:
        clients_changed(uow, now)
    else:
        _put(uow, {**before, "clients": before["clients"] + by}, now)


def threshold_changed(uow: UnitOfWork, now: datetime) -> None:
    """Prepare what depends on the threshold alone."""
    uow.summaries.lock()
    before = summary(uow)
    if before is None or before.scored is None:
        return
    selected = uow.predictions.select(before.scored.run_id, installation.current(uow).threshold)
    stored = {**_stored(before.scored), "selection": asdict(selected)}
    _put(uow, {**_stored_summary(uow), "scored": stored}, now)


def sales_changed(
    uow: UnitOfWork, now: datetime, first_day: int | None = None, last_day: int | None = None
) -> None:
    """Prepare the months anew: all of them, or only those that hold the given days."""
    uow.summaries.lock()
    span = uow.orders.span()
    if span is None:
        uow.summaries.put(_TREND, {"months": []}, now)
        return
    months = _months(date_of(span[0]), date_of(span[1]))
    known = {} if first_day is None else {each.month: each for each in sales_trend(uow).months}
    touched = _touched(months, known, first_day, last_day)
    fresh = _sums(uow, touched, span[1])
    values = [asdict(fresh.get(month) or known[month]) for month in months]
    uow.summaries.put(_TREND, {"months": _with_end(values, span[1])}, now)


def _touched(
    months: Sequence[str], known: Mapping[str, MonthSales], first_day: int | None, last_day: int | None
) -> list[str]:
    if first_day is None:
        return list(months)
    first, last = _name(date_of(first_day)), _name(date_of(first_day if last_day is None else last_day))
    return [month for month in months if month not in known or first <= month <= last]


def _sums(uow: UnitOfWork, months: Sequence[str], last_day: int) -> dict[str, MonthSales]:
    """Net sums of the months, one question for all of them."""
    if not months:
        return {}
    wanted, sums = set(months), dict.fromkeys(months, (0, 0))
    for day, net, orders in uow.orders.net_by_day(_first_day(months[0]), _last_day(months[-1])):
        month = _name(date_of(day))
        if month in wanted:
            before = sums[month]
            sums[month] = (before[0] + net, before[1] + orders)
    return {
        month: MonthSales(month=month, net=net, orders=orders, is_complete=_last_day(month) <= last_day)
        for month, (net, orders) in sums.items()
    }


def _with_end(months: Sequence[dict[str, object]], last_day: int) -> list[dict[str, object]]:
    """A month that was the last one is complete as soon as a later one begins."""
    return [{**each, "is_complete": _last_day(str(each["month"])) <= last_day} for each in months]


def _months(first: date, last: date) -> list[str]:
    """Names of at most TREND_MONTHS months that end with the last one, the oldest first."""
    end = last.year * 12 + last.month - 1
    start = max(first.year * 12 + first.month - 1, end - TREND_MONTHS + 1)
    return [f"{number // 12:04d}-{number % 12 + 1:02d}" for number in range(start, end + 1)]


def _name(day: date) -> str:
    return f"{day.year:04d}-{day.month:02d}"


def _first_day(month: str) -> int:
    return epoch_day(date.fromisoformat(f"{month}-01"))


def _last_day(month: str) -> int:
    year, number = int(month[:4]), int(month[5:])
    return epoch_day(date(year + number // 12, number % 12 + 1, 1)) - 1


def _scored(uow: UnitOfWork, run: ScoringRun | None) -> Stored | None:
    if run is None:
        return None
    clients, total = uow.predictions.totals(run.id)
    ids = {Target.SALES: run.sales_version_id, Target.PURCHASE: run.purchase_version_id}
    return _stored(
        ScoredFigures(
            run_id=run.id,
            as_of_day=run.as_of_day,
            clients=clients,
            forecast_total=total,
            selection=uow.predictions.select(run.id, installation.current(uow).threshold),
            versions={target: uow.models.get(version_id).name for target, version_id in ids.items()},
            scored_at=run.published_at or run.created_at,
        )
    )


def _alarms(uow: UnitOfWork, run: ScoringRun | None) -> Stored:
    found, gauges = alarms.prepare(uow, run)
    return {"alarms": [each.plain() for each in found], "gauges": gauges}


def _stored_summary(uow: UnitOfWork) -> Stored:
    found = uow.summaries.get(_SUMMARY)
    return {} if found is None else found[0]


def _put(uow: UnitOfWork, value: Stored, now: datetime) -> None:
    uow.summaries.put(_SUMMARY, value, now)


def _stored(figures: ScoredFigures) -> Stored:
    return {**asdict(figures), "scored_at": int(figures.scored_at.timestamp())}


def _scored_from(value: Stored | None) -> ScoredFigures | None:
    if value is None:
        return None
    return ScoredFigures(
        **{
            **value,
            "selection": Selection(**value["selection"]),
            "versions": {Target(target): name for target, name in value["versions"].items()},
            "scored_at": datetime.fromtimestamp(value["scored_at"], UTC),
        }
    )

"""A scoring run's forecast of the company: its clients' forecasts added up, and those who are no clients.

Computed in two steps: `outside` needs the ledger and no transaction; `record` adds the stored forecasts
in the transaction that publishes the run.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from salesml.core.days import parse_day
from salesml.core.forecasts import CompanyForecast
from salesml.core.models import HORIZON_DAYS, ModelVersion, Target
from salesml.core.predictions import ScoringRun
from salesml.ml import company
from salesml.ml.company import Outlook
from salesml.ml.features.engine import Resources
from salesml.ml.history import History
from salesml.ml.totals import MAX_PERIODS, PERIOD_DAYS, client_sales, whole_periods
from salesml.services import forecasts, history
from salesml.services.ports.unit_of_work import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class Material:
    """What a run is computed from, of one snapshot: by last day, in how many whole periods the data can be
    cut, and guests' sales of these, the newest first. The first of the last days is the as-of date."""

    history: History
    periods: Mapping[int, int]
    guests: Mapping[int, Sequence[int]]


@dataclass(frozen=True, kw_only=True)
class Outside:
    """What a company forecast needs beside the stored forecasts of clients; minor units.

    `windows` are past totals of the sales version with what happened: {as_of, forecast, actual};
    `last_period` is the net sum of the newest period, None where the data is shorter; `periods` counts
    the whole ones that were looked at.
    """

    new: Outlook
    guests: Outlook
    windows: Sequence[Mapping[str, Any]]
    last_period: int | None
    periods: int


def load(uow: UnitOfWork, as_of_day: int, sales: ModelVersion) -> Material:
    """The ledger, and guests' sales of past periods up to the as-of date and to each date that the version
    was tried at."""
    span = uow.orders.span()
    ends = [as_of_day, *(_origin(window) + PERIOD_DAYS for window in _windows(sales))]
    periods = {end: 0 if span is None else whole_periods(span[0], end) for end in ends}
    return Material(
        history=history.load(uow),
        periods=periods,
        guests={end: uow.forecasts.guest_sales(end, count, PERIOD_DAYS) for end, count in periods.items()},
    )


def outside(material: Material, sales: ModelVersion, resources: Resources | None = None) -> Outside:
    """Forecast who is not in the forecasts of clients, from sales up to the as-of date only.

    At each date that the version was tried at the same is done with what was known then.
    """
    past = client_sales(material.history, material.periods, resources)
    end, count = next(iter(material.periods.items()))
    guests = material.guests[end]
    windows = []
    for each in _windows(sales):
        known_then = _origin(each) + PERIOD_DAYS
        if not material.periods[known_then]:
            continue
        new, guest = past[known_then].new, material.guests[known_then]
        outlooks = (_outlook(series[1:]).forecast for series in (new, guest))
        told, happened = int(each["predicted_total"]), int(each["actual_total"])
        total = {"forecast": told + sum(outlooks), "actual": happened + new[0] + guest[0]}
        windows.append({"as_of": each["as_of"], **total})
    return Outside(
        new=_outlook(past[end].new),
        guests=_outlook(guests),
        windows=windows,
        last_period=past[end].known[0] + past[end].new[0] + guests[0] if count else None,
        periods=min(count, MAX_PERIODS),
    )


def record(uow: UnitOfWork, run: ScoringRun, found: Outside) -> CompanyForecast:
    """Store the forecast of a run whose rows are written; its parts add up to the minor unit."""
    errors = company.log_ratios(
        [each["actual"] for each in found.windows], [each["forecast"] for each in found.windows]
    )
    reach = company.reach(errors)
    forecast = CompanyForecast(
        run_id=run.id,
        as_of_day=run.as_of_day,
        horizon_days=HORIZON_DAYS[Target.SALES],
        repeat_sales=0,
        reactivated_sales=0,
        new_sales=found.new.forecast,
        guest_sales=found.guests.forecast,
        evidence={
            "new": asdict(found.new),
            "guests": asdict(found.guests),
            "periods": found.periods,
            "windows": [dict(each) for each in found.windows],
            "errors": errors,
            "reach": reach,
            "no_interval": "too_few_windows" if reach is None else None,
            "last_period": found.last_period,
        },
    )
    return forecasts.store(uow, forecast)


def _windows(sales: ModelVersion) -> list[Mapping[str, Any]]:
    """Past dates of which the version's evidence knows both totals; one of an older program has none."""
    windows: Any = sales.evidence.get("windows", [])
    return [each for each in windows if "predicted_total" in each]


def _origin(window: Mapping[str, Any]) -> int:
    return parse_day(window["as_of"])


def _outlook(past: Sequence[int]) -> Outlook:
    return company.outlook(past[:MAX_PERIODS])

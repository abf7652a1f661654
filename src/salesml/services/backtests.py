"""Backtests: what would have been forecast at past dates, against what happened."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from salesml.core.backtests import StoredBacktest
from salesml.core.days import date_of
from salesml.core.installation import Installation
from salesml.core.models import ModelRole, Target
from salesml.core.pages import DEFAULT_LIMIT, Page
from salesml.ml.backtest import Backtest, backtest, default_windows
from salesml.ml.bootstrap import LEVEL, Interval
from salesml.ml.estimators import DEFAULT_ESTIMATOR, estimators_for
from salesml.ml.evaluation import DECIDING_METRIC
from salesml.ml.features.engine import Resources
from salesml.ml.history import History
from salesml.ml.league import Standing, Table
from salesml.services.paging import newest_first
from salesml.services.ports.unit_of_work import UnitOfWork


def windows(as_of_day: int, number: int) -> list[int]:
    """The newest as-of dates whose labels had matured at `as_of_day`, the oldest first."""
    return sorted(default_windows(as_of_day, number))


def defaults(uow: UnitOfWork) -> dict[Target, str]:
    """The estimators that score stored clients: those of the champions, else the registry's."""
    found = dict(DEFAULT_ESTIMATOR)
    for target in Target:
        holder = uow.models.champion(target, ModelRole.CLIENTS)
        if holder is not None:
            served = uow.models.get(holder.version_id).estimator
            # A champion of an older program may be of an estimator that there is no more.
            found[target] = served if served in estimators_for(target) else found[target]
    return found


def run(
    history: History,
    days: Sequence[int],
    *,
    here: Installation,
    defaults: Mapping[Target, str],
    others: Sequence[str] = (),
    report: Callable[[str, int, int], None],
    resources: Resources | None = None,
) -> Backtest:
    """Train, forecast and judge at each date, seeing nothing later: the defaults and, beside them, others."""
    return backtest(
        history,
        days,
        threshold=here.threshold,
        currency=here.currency,
        defaults=defaults,
        estimators=dict.fromkeys(Target, others),
        report=report,
        resources=resources,
    )


def table(uow: UnitOfWork, result: Backtest) -> pa.Table:
    """The forecasts as the columns of `salesml score`, by date and client; money in minor units."""
    names = uow.clients.first_ids()
    rows = result.predictions
    at = pc.index_in(rows["client_id"], value_set=names["client_id"].combine_chunks())
    return pa.table(
        {
            "client_id": names["external_id"].take(at),
            "source": names["source"].take(at),
            "as_of": rows["as_of_day"],
            "predicted_sales": rows["predicted_sales"],
            "lower": rows["lower"],
            "upper": rows["upper"],
            "purchase_probability": rows["purchase_probability"],
            "decision": rows["decision"],
        }
    )


def summary(
    result: Backtest, here: Installation, defaults: Mapping[Target, str], days: Sequence[int]
) -> dict[str, Any]:
    """What is stored of a backtest: its terms, the league table of each target over all dates that could be
    judged, and one of each date and target with the features of the recipe that served. Money is in major
    units."""
    return {
        "as_of": [date_of(day).isoformat() for day in sorted(days)],
        "currency": here.currency.code,
        "threshold": here.threshold,
        "level": LEVEL,
        "league": [_table(each, defaults) for each in result.league],
        "windows": [_table(each, defaults) for each in result.windows],
    }


def record(
    uow: UnitOfWork, document: Mapping[str, Any], *, actor: str, now: datetime
) -> Mapping[str, object]:
    """Store a backtest; answers {"backtest_id"}."""
    return {"backtest_id": uow.backtests.add(document, created_by=actor, now=now).id}


def get(uow: UnitOfWork, backtest_id: int) -> StoredBacktest:
    """Raises NotFound."""
    return uow.backtests.get(backtest_id)


def latest(uow: UnitOfWork) -> StoredBacktest | None:
    """The newest one, if there is any."""
    return uow.backtests.latest()


def best(stored: StoredBacktest) -> dict[Target, str | None]:
    """Who came first, by target; None where nobody could be judged."""
    return {
        Target(table["target"]): next((one["name"] for one in table["standings"] if one["is_best"]), None)
        for table in stored.result["league"]
    }


def page(uow: UnitOfWork, *, limit: int = DEFAULT_LIMIT, cursor: str | None = None) -> Page[StoredBacktest]:
    """Backtests, the newest first. Raises InvalidValue, InvalidCursor."""

    def fetch(count: int, before_id: int | None) -> Sequence[StoredBacktest]:
        return uow.backtests.list(limit=count, before_id=before_id)

    return newest_first("backtests", fetch, lambda each: each.id, limit=limit, cursor=cursor)


def _table(table: Table, defaults: Mapping[Target, str]) -> dict[str, Any]:
    default = defaults[table.target]
    served = [each.contender for each in table.standings if each.contender.name == default]
    return {
        "target": table.target.value,
        "as_of": [date_of(day).isoformat() for day in table.as_of_days],
        "rows": table.rows,
        "deciding_metric": DECIDING_METRIC[table.target],
        "features": [name for each in served for name in each.features],
        "ignored": {name: why for each in served for name, why in each.ignored.items()},
        "standings": [
            {**_standing(each), "is_default": each.contender.name == default} for each in table.standings
        ],
    }


def _standing(standing: Standing) -> dict[str, Any]:
    contender, difference = standing.contender, standing.difference
    return {
        "name": contender.name,
        "is_baseline": contender.is_baseline,
        "is_best": standing.is_best,
        "metrics": standing.metrics,
        "intervals": {name: _bounds(found) for name, found in standing.intervals.items()},
        "difference": difference and {"value": difference.point, "interval": _bounds(difference.interval)},
        "verdict": standing.verdict,
        "reason": standing.reason,
    }


def _bounds(found: Interval | None) -> list[float] | None:
    return None if found is None else list(found)

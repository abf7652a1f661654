"""Scoring every client, and reading what was scored."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from salesml.core.days import date_of
from salesml.core.errors import InvalidValue, NoModel
from salesml.core.models import ModelRole, ModelVersion, Target
from salesml.core.pages import DEFAULT_LIMIT, Page
from salesml.core.predictions import ClientScore, ScoringRun
from salesml.ml import intervals, reasons
from salesml.ml.drift import stability
from salesml.ml.features.definitions import CLIENT_FEATURES
from salesml.ml.features.engine import Resources, features
from salesml.ml.history import History
from salesml.ml.prediction import decision, predict_purchase, predict_sales
from salesml.services import company, dashboard, models, outcomes
from salesml.services.company import Outside
from salesml.services.known_features import check_known
from salesml.services.paging import newest_first
from salesml.services.pipelines import Pipelines
from salesml.services.ports.models import ModelStore
from salesml.services.ports.unit_of_work import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class Scorers:
    """The champions that score stored clients, and the threshold that decides."""

    sales: ModelVersion
    purchase: ModelVersion
    threshold: float


def scorers(uow: UnitOfWork) -> Scorers:
    """Who would score now. Raises NoModel while a target has no champion."""
    here = uow.installation.get()
    return Scorers(
        sales=models.champion(uow, Target.SALES, ModelRole.CLIENTS),
        purchase=models.champion(uow, Target.PURCHASE, ModelRole.CLIENTS),
        threshold=here.threshold if here else 0.0,
    )


def score(
    history: History,
    as_of_day: int,
    by: Scorers,
    store: ModelStore,
    resources: Resources | None = None,
) -> pa.Table:
    """Both predictions of every client known at the as-of date: the rows that `write` takes.

    Raises TooLittleData when a champion needs activity that is unknown at that date, and InvalidValue
    when it learned from later days: such a forecast would know its own future.
    """
    for version in (by.sales, by.purchase):
        if version.as_of_day > as_of_day:
            raise InvalidValue(
                "as_of",
                f"{version.name} knows data up to {date_of(version.as_of_day)}, so it cannot forecast from "
                f"{date_of(as_of_day)}; for honest forecasts of past days use: salesml backtest",
            )
    table = features(history, [as_of_day], resources, wanted=needed_features(by.sales, by.purchase))
    for version in (by.sales, by.purchase):
        check_known(version, table, as_of_day)
    sales = predict_sales(store.load(by.sales.artifact), by.sales.features, table)
    lower, upper = bounds(by.sales, sales, table)
    probability = predict_purchase(store.load(by.purchase.artifact), by.purchase.features, table)
    columns = {
        "predicted_sales": pa.array(sales, pa.int64()),
        "lower": lower,
        "upper": upper,
        "purchase_probability": pa.array(probability, pa.float64()),
        "decision": pa.array(decision(probability, by.threshold), pa.int8()),
    }
    for name, values in columns.items():
        table = table.append_column(name, values)
    return table.drop_columns(["as_of_day"])


def explained(rows: pa.Table, by: Scorers, opened: Pipelines) -> pa.Table:
    """The same rows with `sales_reasons` and `purchase_reasons`: what moved each forecast, as JSON."""
    forecasts = ((by.sales, "predicted_sales"), (by.purchase, "purchase_probability"))
    for version, predicted in forecasts:
        found = reasons.explain(version.target, opened.of(version), version.features, rows)
        texts = [
            json.dumps(each, separators=(",", ":"))
            for each in reasons.told(found, rows[predicted].to_numpy())
        ]
        rows = rows.append_column(f"{version.target}_reasons", pa.array(texts, pa.string()))
    return rows


def needed_features(*versions: ModelVersion) -> tuple[str, ...]:
    """Those of the kernel, which are stored with every client, and what the versions read beside them."""
    others = (name for version in versions for name in version.features)
    return tuple(dict.fromkeys([*CLIENT_FEATURES, *others]))


def bounds(version: ModelVersion, sales: NDArray[np.int64], table: pa.Table) -> tuple[pa.Array, pa.Array]:
    """The 80 % interval of each forecast in minor units; null where the version has no intervals."""
    if version.intervals is None:
        unknown = pa.nulls(table.num_rows, pa.int64())
        return unknown, unknown
    lower, upper = intervals.from_json(version.intervals).bounds(sales.astype(np.float64), table)
    return pa.array(lower), pa.array(upper)


def drift(by: Scorers, rows: pa.Table) -> Mapping[str, Mapping[str, float]]:
    """By target, how far each feature of the clients has moved from what the version learned from: the
    population stability index. Empty for a version that kept no reference."""
    found: dict[str, Mapping[str, float]] = {}
    for version in (by.sales, by.purchase):
        known: Any = version.evidence.get("reference", {})
        found[version.target.value] = stability(known, rows)
    return found


def begin(
    uow: UnitOfWork, as_of_day: int, by: Scorers, drift: Mapping[str, Mapping[str, float]], now: datetime
) -> ScoringRun:
    """Open a run; its rows are not seen before `publish`."""
    return uow.predictions.begin_run(
        as_of_day=as_of_day,
        sales_version_id=by.sales.id,
        purchase_version_id=by.purchase.id,
        threshold=by.threshold,
        drift=drift,
        now=now,
    )


def write(uow: UnitOfWork, run_id: int, rows: pa.Table) -> None:
    """Store one chunk of a run, but not of clients who were deleted meanwhile."""
    uow.clients.take_turns()
    uow.predictions.write(run_id, rows)


def publish(uow: UnitOfWork, run_id: int, found: Outside, now: datetime) -> Mapping[str, object]:
    """Make the run visible at once, with its forecast of the company; answers {"run_id", "as_of_day",
    "clients"}."""
    uow.predictions.publish(run_id, now)
    run = uow.predictions.get_run(run_id)
    company.record(uow, run, found)
    outcomes.ask(uow, now)
    dashboard.clients_changed(uow, now)
    return {"run_id": run.id, "as_of_day": run.as_of_day, "clients": run.clients}


def sweep(uow: UnitOfWork, limit: int) -> bool:
    """Delete about `limit` rows that no page reads any more; answers whether any is left."""
    return uow.predictions.sweep(limit)


def top(uow: UnitOfWork, run_id: int, limit: int) -> tuple[ScoringRun, Sequence[ClientScore]]:
    """A run and its clients with the highest forecast."""
    return uow.predictions.get_run(run_id), uow.predictions.top(run_id, limit)


def scores(uow: UnitOfWork, run_id: int) -> pa.Table:
    """Every client of a run, in the columns of `salesml score`; money in minor units."""
    run, table = uow.predictions.get_run(run_id), uow.predictions.scores(run_id)
    days = pa.array([run.as_of_day], pa.int32()).take(pa.array(np.zeros(table.num_rows, np.int64)))
    return table.add_column(2, "as_of", days)


@dataclass(frozen=True, kw_only=True)
class RunEntry:
    """A run, and the names of the versions that made it."""

    run: ScoringRun
    versions: Mapping[Target, str]


def page(uow: UnitOfWork, *, limit: int = DEFAULT_LIMIT, cursor: str | None = None) -> Page[RunEntry]:
    """Runs that were published, the newest first. Raises InvalidValue, InvalidCursor."""
    found = newest_first("scoring runs", uow.predictions.runs, lambda run: run.id, limit=limit, cursor=cursor)
    return Page(items=tuple(named(uow, run) for run in found.items), next_cursor=found.next_cursor)


def latest_named(uow: UnitOfWork) -> RunEntry:
    """The newest run. Raises NoModel while nothing was scored."""
    return named(uow, latest(uow))


def named(uow: UnitOfWork, run: ScoringRun) -> RunEntry:
    """A run with the names of its versions."""
    ids = {Target.SALES: run.sales_version_id, Target.PURCHASE: run.purchase_version_id}
    return RunEntry(run=run, versions={target: uow.models.get(key).name for target, key in ids.items()})


def latest(uow: UnitOfWork) -> ScoringRun:
    """The newest published run. Raises NoModel while nothing was scored."""
    run = uow.predictions.latest_run()
    if run is None:
        raise NoModel("no client is scored yet; run: salesml score")
    return run

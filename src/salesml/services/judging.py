"""Judging what runs forecast: computation only, recorded afterwards by `outcomes.record`."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pyarrow as pa

from salesml.core.forecasts import ForecastOutcome
from salesml.core.models import HORIZON_DAYS, Target
from salesml.core.money import Currency
from salesml.core.predictions import ScoringRun
from salesml.ml.features.engine import Resources
from salesml.ml.history import History
from salesml.ml.lived import Lived, judge_purchase, judge_sales, lived
from salesml.services.outcomes import Judgement, Served

_JUDGES = {Target.SALES: judge_sales, Target.PURCHASE: judge_purchase}


def judge(
    ledger: History, served: Served, now: datetime, currency: Currency, resources: Resources | None = None
) -> Judgement:
    """Compare what was stored with what happened."""
    run = served.due.run
    clients = next(iter(served.forecasts.values()))["client_id"].to_pylist()
    happened = lived(ledger, run.as_of_day, clients, resources)
    outcomes = [
        _outcome(run, target, happened, table, now, currency.exponent)
        for target, table in served.forecasts.items()
    ]
    is_over = Target.SALES in served.due.targets
    company = _company(happened, served.guests, now) if is_over else None
    return Judgement(run=run, outcomes=outcomes, company=company)


def _outcome(
    run: ScoringRun, target: Target, happened: Lived, table: pa.Table, now: datetime, exponent: int
) -> ForecastOutcome:
    metrics, baselines = _JUDGES[target](happened, table, threshold=run.threshold, exponent=exponent)
    is_sales = target is Target.SALES
    return ForecastOutcome(
        run_id=run.id,
        target=target,
        horizon_days=HORIZON_DAYS[target],
        version_id=run.sales_version_id if is_sales else run.purchase_version_id,
        as_of_day=run.as_of_day,
        clients=table.num_rows,
        metrics=metrics,
        baselines=baselines,
        computed_at=now,
    )


def _company(happened: Lived, guests: int, now: datetime) -> Mapping[str, Any]:
    parts = {
        "repeat": happened.repeat,
        "reactivated": happened.reactivated,
        "new": happened.others,
        "guest": guests,
    }
    return {"actual": sum(parts.values()), "parts": parts, "computed_at": int(now.timestamp())}

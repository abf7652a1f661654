"""Backtests: what would have been forecast at past dates, against what happened."""

from collections.abc import Callable, Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from salesml.core.days import date_of
from salesml.core.installation import Installation
from salesml.ml.backtest import Backtest, Judgement, backtest, default_windows
from salesml.ml.features.engine import Resources
from salesml.ml.history import History
from salesml.services.ports.unit_of_work import UnitOfWork


def windows(as_of_day: int, number: int) -> list[int]:
    """The newest as-of dates whose labels had matured at `as_of_day`, the oldest first."""
    return sorted(default_windows(as_of_day, number))


def run(
    history: History,
    days: Sequence[int],
    *,
    here: Installation,
    report: Callable[[str, int, int], None],
    resources: Resources | None = None,
) -> Backtest:
    """Train, forecast and judge at each date, seeing nothing later."""
    return backtest(
        history,
        days,
        threshold=here.threshold,
        currency=here.currency,
        report=report,
        resources=resources,
    )


def table(uow: UnitOfWork, result: Backtest) -> pa.Table:
    """The forecasts as the columns of `salesml score`, by date and client; money in minor units."""
    names = uow.clients.first_ids()
    rows = result.predictions
    at = pc.index_in(rows["client_id"], value_set=names["client_id"].combine_chunks())
    unknown = pa.nulls(rows.num_rows, pa.int64())
    return pa.table(
        {
            "client_id": names["external_id"].take(at),
            "source": names["source"].take(at),
            "as_of": rows["as_of_day"],
            "predicted_sales": rows["predicted_sales"],
            "lower": unknown,
            "upper": unknown,
            "purchase_probability": rows["purchase_probability"],
            "decision": rows["decision"],
        }
    )


def summary(result: Backtest) -> list[Mapping[str, object]]:
    """Metrics and baselines by date and target, or the reason why there are none."""
    return [_judgement(each) for each in result.judgements]


def _judgement(judgement: Judgement) -> Mapping[str, object]:
    trained = judgement.trained
    return {
        "as_of": date_of(judgement.as_of_day).isoformat(),
        "target": judgement.target.value,
        "estimator": trained.estimator if trained else None,
        "features": list(trained.features) if trained else [],
        "ignored": dict(trained.ignored) if trained else {},
        "metrics": judgement.metrics,
        "baselines": judgement.baselines,
        "verdict": judgement.verdict,
        "reason": judgement.reason,
    }

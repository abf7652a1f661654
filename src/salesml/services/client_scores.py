"""One client's forecasts: those of now, computed within the request, and those of the past."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import pyarrow as pa

from salesml.core.days import day_of
from salesml.core.installation import Installation
from salesml.core.intervals import COVERAGE
from salesml.core.models import ModelRole, Target
from salesml.core.pages import DEFAULT_LIMIT, Page
from salesml.core.predictions import Explanation, PastPrediction
from salesml.ml.features.engine import features
from salesml.ml.folding import evaluate_folded, leave_out
from salesml.ml.history import History
from salesml.ml.prediction import predict_purchase, predict_sales, with_typical
from salesml.ml.reasons import Reasons, explain, explain_folded, told
from salesml.services import installation, models
from salesml.services.answers import PurchaseAnswer, SalesAnswer
from salesml.services.history import load_client
from salesml.services.known_features import check_known, unknown_features
from salesml.services.paging import newest_first_at
from salesml.services.pipelines import Pipelines
from salesml.services.ports.unit_of_work import UnitOfWork
from salesml.services.predictions import bounds, needed_features

LAG_DAYS = 2
"""Activity usually comes in the night; older than this it is unknown rather than none."""
OF_TEN = round(COVERAGE * 10)
"""So many of ten clients buy within the bounds of their forecasts."""


@dataclass(frozen=True, kw_only=True)
class ScoreNow:
    """Both forecasts from what is known so far today; `partial_day`, because the day is not over."""

    client_id: int
    as_of_day: int
    partial_day: bool
    sales: SalesAnswer
    purchase: PurchaseAnswer
    sales_reasons: Explanation
    purchase_reasons: Explanation


def score_now(uow: UnitOfWork, client_id: int, pipelines: Pipelines, now: datetime) -> ScoreNow:
    """Score one client as of today, by the champions that score all clients.

    Activity counts as far as it has come, if it came up to LAG_DAYS ago. Features that need more of it are
    left out, at their mean in training, and named as ignored. Raises NotFound, NoModel,
    ModelRefused, and TooLittleData where a model that keeps no means needs them.
    """
    here = installation.current(uow)
    today = day_of(now, here.zone)
    history = _until(load_client(uow, uow.clients.get(client_id).id), today)
    champions = [models.champion(uow, target, ModelRole.CLIENTS) for target in Target]
    table = features(history, [today], wanted=needed_features(*champions))
    sales, sales_reasons = _sales(uow, table, pipelines, here, today)
    purchase, purchase_reasons = _purchase(uow, table, pipelines, here, today)
    return ScoreNow(
        client_id=client_id,
        as_of_day=today,
        partial_day=True,
        sales=sales,
        purchase=purchase,
        sales_reasons=sales_reasons,
        purchase_reasons=purchase_reasons,
    )


def past(
    uow: UnitOfWork, client_id: int, *, limit: int = DEFAULT_LIMIT, cursor: str | None = None
) -> Page[PastPrediction]:
    """What was forecast of a client, the newest first. Raises NotFound, InvalidValue, InvalidCursor."""
    uow.clients.get(client_id)

    def fetch(size: int, before: tuple[int, int] | None) -> list[tuple[tuple[int, int], PastPrediction]]:
        found = uow.predictions.of_client(client_id, size, before)
        return [((one.as_of_day, one.run_id), one) for one in found]

    return newest_first_at(f"predictions of client {client_id}", fetch, limit=limit, cursor=cursor)


def _until(history: History, today: int) -> History:
    """The history with its days known up to today, and of a client who is known at today at the latest."""
    covered = {
        metric: replace(known, last_day=max(known.last_day, today))
        if known.last_day >= today - LAG_DAYS
        else known
        for metric, known in history.coverage.items()
    }
    registered = min(history.clients["registered_day"][0].as_py() or today, today)
    place = history.clients.schema.get_field_index("registered_day")
    known_by = history.clients.set_column(place, "registered_day", pa.array([registered], pa.int32()))
    return replace(history, coverage=covered, clients=known_by)


def _sales(
    uow: UnitOfWork, table: pa.Table, pipelines: Pipelines, here: Installation, today: int
) -> tuple[SalesAnswer, Explanation]:
    version = models.champion(uow, Target.SALES, ModelRole.CLIENTS)
    unknown = unknown_features(version, table)
    if version.folded is not None:
        folded = leave_out(version.folded, unknown)
        minor = round(evaluate_folded(folded, _values(table)))
        why = explain_folded(Target.SALES, folded, table)
    else:
        pipeline = pipelines.of(version)
        filled = with_typical(pipeline, version.features, table, unknown)
        check_known(version, filled, today)
        minor = int(predict_sales(pipeline, version.features, filled)[0])
        why = explain(Target.SALES, pipeline, version.features, filled)
    lower, upper = (each[0].as_py() for each in bounds(version, np.array([minor]), table))
    answer = SalesAnswer(
        predicted_sales=float(here.currency.to_major(minor)),
        lower=None if lower is None else float(here.currency.to_major(lower)),
        upper=None if upper is None else float(here.currency.to_major(upper)),
        currency=here.currency.code,
        horizon_days=version.horizon_days,
        model_version=version.name,
        ignored_features=(*version.ignored, *unknown),
    )
    return answer, _explanation(why, minor)


def _purchase(
    uow: UnitOfWork, table: pa.Table, pipelines: Pipelines, here: Installation, today: int
) -> tuple[PurchaseAnswer, Explanation]:
    version = models.champion(uow, Target.PURCHASE, ModelRole.CLIENTS)
    unknown = unknown_features(version, table)
    if version.folded is not None:
        folded = leave_out(version.folded, unknown)
        probability = evaluate_folded(folded, _values(table))
        why = explain_folded(Target.PURCHASE, folded, table)
    else:
        pipeline = pipelines.of(version)
        filled = with_typical(pipeline, version.features, table, unknown)
        check_known(version, filled, today)
        probability = float(predict_purchase(pipeline, version.features, filled)[0])
        why = explain(Target.PURCHASE, pipeline, version.features, filled)
    answer = PurchaseAnswer(
        probability=probability,
        decision=int(probability >= here.threshold),
        threshold=here.threshold,
        ranking_only=version.ranking_only,
        horizon_days=version.horizon_days,
        model_version=version.name,
        ignored_features=(*version.ignored, *unknown),
    )
    return answer, _explanation(why, probability)


def _explanation(why: Reasons, predicted: float) -> Explanation:
    return Explanation.of(next(told(why, np.array([predicted]))))


def _values(table: pa.Table) -> Mapping[str, float | None]:
    row: Mapping[str, float | None] = table.to_pylist()[0]
    return row

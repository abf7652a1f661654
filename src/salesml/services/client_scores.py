"""One client's forecasts: those of now, computed within the request, and those of the past."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa

from salesml.core.days import day_of
from salesml.core.installation import Installation
from salesml.core.models import ModelRole, ModelVersion, Target
from salesml.core.pages import DEFAULT_LIMIT, Page
from salesml.core.predictions import PastPrediction
from salesml.ml.features.engine import features
from salesml.ml.folding import evaluate_folded, leave_out
from salesml.ml.history import History
from salesml.ml.prediction import predict_purchase, predict_sales
from salesml.services import installation, models
from salesml.services.answers import PurchaseAnswer, SalesAnswer
from salesml.services.history import load_client
from salesml.services.known_features import check_known, unknown_features
from salesml.services.paging import newest_first_at
from salesml.services.ports.models import ModelStore
from salesml.services.ports.unit_of_work import UnitOfWork
from salesml.services.predictions import bounds

LAG_DAYS = 2
"""Activity usually comes in the night; older than this it is unknown rather than none."""
_KEPT = 4


@dataclass(frozen=True, kw_only=True)
class ScoreNow:
    """Both forecasts from what is known so far today; `partial_day`, because the day is not over."""

    client_id: int
    as_of_day: int
    partial_day: bool
    sales: SalesAnswer
    purchase: PurchaseAnswer


@dataclass
class Pipelines:
    """Opened model files of versions that have no coefficients: each is verified and opened once."""

    store: ModelStore
    _opened: dict[str, Any] = field(default_factory=dict)

    def of(self, version: ModelVersion) -> Any:
        """Raises ModelRefused."""
        key = version.artifact.sha256
        if key not in self._opened:
            while len(self._opened) >= _KEPT:
                self._opened.pop(next(iter(self._opened)), None)
            self._opened[key] = self.store.load(version.artifact)
        return self._opened[key]


def score_now(uow: UnitOfWork, client_id: int, pipelines: Pipelines, now: datetime) -> ScoreNow:
    """Score one client as of today, by the champions that score all clients.

    Activity counts as far as it has come, if it came up to LAG_DAYS ago. Features that need more of it are
    left out of a folded model, at their mean in training, and named as ignored. Raises NotFound, NoModel,
    ModelRefused, and TooLittleData where a model that cannot be folded needs them.
    """
    here = installation.current(uow)
    today = day_of(now, here.zone)
    history = _until(load_client(uow, uow.clients.get(client_id).id), today)
    table = features(history, [today])
    return ScoreNow(
        client_id=client_id,
        as_of_day=today,
        partial_day=True,
        sales=_sales(uow, table, pipelines, here, today),
        purchase=_purchase(uow, table, pipelines, here, today),
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
) -> SalesAnswer:
    version = models.champion(uow, Target.SALES, ModelRole.CLIENTS)
    unknown = unknown_features(version, table)
    if version.folded is not None:
        minor = round(evaluate_folded(leave_out(version.folded, unknown), _values(table)))
    else:
        check_known(version, table, today)
        minor = int(predict_sales(pipelines.of(version), version.features, table)[0])
    lower, upper = (each[0].as_py() for each in bounds(version, np.array([minor]), table))
    return SalesAnswer(
        predicted_sales=float(here.currency.to_major(minor)),
        lower=None if lower is None else float(here.currency.to_major(lower)),
        upper=None if upper is None else float(here.currency.to_major(upper)),
        currency=here.currency.code,
        horizon_days=version.horizon_days,
        model_version=version.name,
        ignored_features=(*version.ignored, *unknown),
    )


def _purchase(
    uow: UnitOfWork, table: pa.Table, pipelines: Pipelines, here: Installation, today: int
) -> PurchaseAnswer:
    version = models.champion(uow, Target.PURCHASE, ModelRole.CLIENTS)
    unknown = unknown_features(version, table)
    if version.folded is not None:
        probability = evaluate_folded(leave_out(version.folded, unknown), _values(table))
    else:
        check_known(version, table, today)
        probability = float(predict_purchase(pipelines.of(version), version.features, table)[0])
    return PurchaseAnswer(
        probability=probability,
        decision=int(probability >= here.threshold),
        threshold=here.threshold,
        ranking_only=version.ranking_only,
        horizon_days=version.horizon_days,
        model_version=version.name,
        ignored_features=(*version.ignored, *unknown),
    )


def _values(table: pa.Table) -> Mapping[str, float | None]:
    row: Mapping[str, float | None] = table.to_pylist()[0]
    return row

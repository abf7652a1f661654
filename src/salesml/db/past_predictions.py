"""What scoring runs forecast of one client."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from salesml.core.models import HORIZON_DAYS, ModelRole, Target, version_name
from salesml.core.predictions import Explanation, PastPrediction, RunState
from salesml.db.bulk import execute

_PAST = (
    "s.run_id, s.as_of_day, r.published_at, r.created_at, s.predicted_sales, s.lower, s.upper, "
    "s.horizon_days AS sales_days, v.id AS sales_id, v.role AS sales_role, p.purchase_probability, "
    "p.decision, p.threshold, p.horizon_days AS purchase_days, w.id AS purchase_id, w.role AS purchase_role, "
    "w.evidence -> 'calibration' ->> 'reason' AS only_ranks, "
    "s.reasons AS sales_why, p.reasons AS purchase_why"
)


def past_predictions(
    session: Session, client_id: int, limit: int, before: tuple[int, int] | None
) -> Sequence[PastPrediction]:
    """See PredictionRepository.of_client."""
    earlier = "" if before is None else "AND (s.as_of_day, s.run_id) < (:day, :run_id)"
    values = {} if before is None else {"day": before[0], "run_id": before[1]}
    rows = execute(
        session,
        f"SELECT {_PAST} FROM sales_predictions AS s CROSS JOIN scoring_runs AS r "
        "CROSS JOIN purchase_predictions AS p CROSS JOIN model_versions AS v "
        "CROSS JOIN model_versions AS w WHERE s.client_id = :id AND r.id = s.run_id "
        f"AND r.state = '{RunState.PUBLISHED.value}' AND p.run_id = r.id AND p.client_id = s.client_id "
        f"AND s.horizon_days = {HORIZON_DAYS[Target.SALES]} "
        f"AND p.horizon_days = {HORIZON_DAYS[Target.PURCHASE]} "
        f"AND v.id = s.version_id AND w.id = p.version_id {earlier} "
        "ORDER BY s.as_of_day DESC, s.run_id DESC LIMIT :limit",
        {"id": client_id, "limit": limit, **values},
    )
    return [_past(row) for row in rows]


def _past(row: Any) -> PastPrediction:
    return PastPrediction(
        run_id=row.run_id,
        as_of_day=row.as_of_day,
        scored_at=datetime.fromtimestamp(row.published_at or row.created_at, UTC),
        predicted_sales=row.predicted_sales,
        lower=row.lower,
        upper=row.upper,
        sales_version=version_name(Target.SALES, ModelRole(row.sales_role), row.sales_id),
        sales_horizon_days=row.sales_days,
        purchase_probability=row.purchase_probability,
        decision=row.decision,
        threshold=row.threshold,
        ranking_only=row.only_ranks is not None,
        purchase_version=version_name(Target.PURCHASE, ModelRole(row.purchase_role), row.purchase_id),
        purchase_horizon_days=row.purchase_days,
        sales_reasons=_explanation(row.sales_why),
        purchase_reasons=_explanation(row.purchase_why),
    )


def _explanation(stored: str | Mapping[str, Any] | None) -> Explanation | None:
    if stored is None:
        return None
    # PostgreSQL's driver reads JSON, SQLite's gives its text.
    return Explanation.of(json.loads(stored) if isinstance(stored, str) else stored)

"""Three clients' snapshots and predictions, and the versions that made them."""

import json

import pyarrow as pa
from tests.support.ledgers import NOW

from salesml.core.models import Artifact, ModelRole, ModelVersion, Target
from salesml.db.unit_of_work import SqlUnitOfWork

FEATURES: dict[str, tuple[float | None, ...]] = {
    "purchases_30d": (2.0, 0.0, 1.0),
    "average_basket_value": (1250.5, 0.0, 300.0),
    "visits_30d": (None, None, None),
    "days_since_last_purchase": (3.0, None, 29.0),
    "tenure_months": (12.25, 0.0, 1.0),
    "visits_7d": (4.0, 0.0, 0.0),
    "newsletter_opened": (1.0, 0.0, None),
    "ad_clicks": (0.0, 0.0, 2.0),
    "has_purchased": (1.0, 0.0, 1.0),
    "time_on_site_seconds": (86_400.0, 0.0, 0.0),
}


def version(uow: SqlUnitOfWork, target: Target) -> int:
    artifact = Artifact(file_name="a", sha256="0", signature="0", libraries={})
    return uow.models.add(
        ModelVersion(
            id=0,
            target=target,
            role=ModelRole.CLIENTS,
            estimator="linear",
            as_of_day=20_000,
            horizon_days=30,
            features=("purchases_30d",),
            ignored={},
            metrics={},
            baselines={},
            training={},
            folded=None,
            artifact=artifact,
            verdict=None,
            created_at=NOW,
            created_by="cli:root",
        )
    ).id


def score_rows(clients: pa.ChunkedArray, sales: tuple[int, ...] = (900, 0, 900)) -> pa.Table:
    """What `write` takes, for at most three clients."""
    table = pa.table(
        {name: pa.array(values, pa.float64()) for name, values in FEATURES.items()}
        | {
            "predicted_sales": pa.array(sales, pa.int64()),
            "lower": pa.array([None, 0, 100], pa.int64()),
            "upper": pa.array([None, 50, 2000], pa.int64()),
            "purchase_probability": pa.array([0.25, 0.1, 0.75], pa.float64()),
            "decision": pa.array([0, 0, 1], pa.int8()),
        }
    )
    return table.slice(0, len(clients)).append_column("client_id", clients)


def with_reasons(rows: pa.Table) -> pa.Table:
    """The same with what moved each forecast."""
    why = json.dumps({"base": 1, "parts": [["purchases_30d", 2, 3]], "others": 0})
    for name in ("sales_reasons", "purchase_reasons"):
        rows = rows.append_column(name, pa.array([why] * rows.num_rows))
    return rows


def score(uow: SqlUnitOfWork, sales_version_id: int, purchase_version_id: int) -> int:
    """A published run over every client."""
    run = uow.predictions.begin_run(
        as_of_day=20_000,
        sales_version_id=sales_version_id,
        purchase_version_id=purchase_version_id,
        threshold=0.7,
        now=NOW,
    )
    uow.predictions.write(run.id, with_reasons(score_rows(uow.clients.roster().column("client_id"))))
    uow.predictions.publish(run.id, NOW)
    return run.id

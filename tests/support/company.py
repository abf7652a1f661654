"""Published runs over a few clients, and what is forecast beside them."""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
from tests.support.ledgers import DAY, NOW
from tests.support.scores import FEATURES, version

from salesml.core.clients import DEFAULT_SOURCE
from salesml.core.forecasts import ACTIVE_DAYS
from salesml.core.models import Target
from salesml.db.unit_of_work import SqlUnitOfWork
from salesml.ml.company import Outlook
from salesml.services import company, dashboard
from salesml.services.company import Outside

Person = tuple[int | None, int]
"""Days since the last purchase, forecast in minor units."""
Bounds = tuple[int | None, int | None]
PEOPLE: Sequence[Person] = ((3, 1_001), (ACTIVE_DAYS, 20), (ACTIVE_DAYS + 1, 300), (None, 7))
OUTSIDE = Outside(
    new=Outlook(forecast=5_000, method="level", errors=(1,)),
    guests=Outlook(forecast=250, method="last", errors=()),
    windows=[
        {"as_of": "2024-09-05", "forecast": 6_000, "actual": 6_600},
        {"as_of": "2024-08-06", "forecast": 6_000, "actual": 5_400},
    ],
    last_period=6_600,
    periods=9,
)
_NULLABLE = ("visits_30d", "visits_7d", "newsletter_opened", "ad_clicks", "time_on_site_seconds")


def scored(
    uow: SqlUnitOfWork,
    people: Sequence[Person],
    outside: Outside = OUTSIDE,
    day: int = DAY,
    bounds: Sequence[Bounds] = (),
    drift: Mapping[str, Mapping[str, float]] | None = None,
) -> int:
    """A published run over clients c0, c1 ..., each with a probability of 0.5, by versions of its own."""
    names = [f"c{place}" for place in range(len(people))]
    known = uow.clients.identities(DEFAULT_SOURCE, names)
    uow.clients.create(DEFAULT_SOURCE, [name for name in names if name not in known], None)
    run = uow.predictions.begin_run(
        as_of_day=day,
        sales_version_id=version(uow, Target.SALES),
        purchase_version_id=version(uow, Target.PURCHASE),
        threshold=0.7,
        drift=drift,
        now=NOW,
    )
    ids = uow.clients.roster()["client_id"].slice(0, len(people))
    uow.predictions.write(run.id, _rows(people, bounds).append_column("client_id", ids))
    uow.predictions.publish(run.id, NOW)
    company.record(uow, uow.predictions.get_run(run.id), outside)
    dashboard.clients_changed(uow, NOW)
    return run.id


def _rows(people: Sequence[Person], bounds: Sequence[Bounds]) -> pa.Table:
    count = len(people)
    told = bounds or [(None, None)] * count
    columns: dict[str, Any] = {
        name: pa.nulls(count, pa.float64()) if name in _NULLABLE else pa.array([0.0] * count)
        for name in FEATURES
    }
    return pa.table(
        {
            **columns,
            "days_since_last_purchase": pa.array([days for days, _ in people], pa.float64()),
            "predicted_sales": pa.array([sales for _, sales in people], pa.int64()),
            "lower": pa.array([lower for lower, _ in told], pa.int64()),
            "upper": pa.array([upper for _, upper in told], pa.int64()),
            "purchase_probability": pa.array([0.5] * count),
            "decision": pa.array([0] * count, pa.int8()),
        }
    )

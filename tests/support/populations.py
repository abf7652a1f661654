"""Clients with figures of a scoring run, or without, to make lists of."""

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
from tests.support.ledgers import NOW
from tests.support.scores import version

from salesml.core.clients import DEFAULT_SOURCE
from salesml.core.models import Target
from salesml.db.unit_of_work import SqlUnitOfWork

RUN_DAY = 20_000


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What a run says of a client; money in minor units, months as a whole number."""

    sales: int = 0
    probability: float = 0.0
    recency: int | None = None
    months: int = 0


@dataclass(frozen=True, kw_only=True)
class Person:
    """A client to be made; without `figures` the run did not know it."""

    name: str | None = None
    registered_at: int | None = None
    source: str = DEFAULT_SOURCE
    figures: Figures | None = None


def populate(uow: SqlUnitOfWork, people: Sequence[Person]) -> list[int]:
    """Make clients, known by their place as an external id, and a published run; answers their ids."""
    client_ids = []
    for place, person in enumerate(people):
        identity = dict(uow.clients.create(person.source, [str(place)], None))[str(place)]
        client_id = uow.clients._clients_of([identity])[identity]
        uow.clients.amend(client_id, {"first_name": person.name, "registered_at": person.registered_at})
        client_ids.append(client_id)
    run = uow.predictions.begin_run(
        as_of_day=RUN_DAY,
        sales_version_id=version(uow, Target.SALES),
        purchase_version_id=version(uow, Target.PURCHASE),
        threshold=0.7,
        now=NOW,
    )
    scored = [(one, each.figures) for one, each in zip(client_ids, people, strict=True) if each.figures]
    uow.predictions.write(run.id, _rows(scored))
    uow.predictions.publish(run.id, NOW)
    return client_ids


def _rows(scored: Sequence[tuple[int, Figures]]) -> pa.Table:
    figures = [each for _, each in scored]
    zeros = pa.array([0.0] * len(scored), pa.float64())
    features = dict.fromkeys(
        ("purchases_30d", "average_basket_value", "visits_30d", "visits_7d", "newsletter_opened"), zeros
    ) | dict.fromkeys(("ad_clicks", "has_purchased", "time_on_site_seconds"), zeros)
    return pa.table(
        features
        | {
            "client_id": pa.array([client_id for client_id, _ in scored], pa.int64()),
            "days_since_last_purchase": pa.array([each.recency for each in figures], pa.float64()),
            "tenure_months": pa.array([float(each.months) for each in figures], pa.float64()),
            "predicted_sales": pa.array([each.sales for each in figures], pa.int64()),
            "lower": pa.array([each.sales // 2 for each in figures], pa.int64()),
            "upper": pa.array([each.sales * 2 for each in figures], pa.int64()),
            "purchase_probability": pa.array([each.probability for each in figures], pa.float64()),
            "decision": pa.array([int(each.probability >= 0.7) for each in figures], pa.int8()),
        }
    )

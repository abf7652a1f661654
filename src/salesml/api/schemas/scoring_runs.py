"""Scorings of every client."""

from datetime import date, datetime

from pydantic import Field

from salesml.core.days import date_of
from salesml.core.models import Target
from salesml.core.predictions import RunState
from salesml.http.schemas.base import In, Out
from salesml.services.predictions import RunEntry


class ScoringIn(In):
    as_of: date | None = Field(
        None, description="forecast from the end of this day; null: the last whole day with orders"
    )


class ScoringRunOut(Out):
    id: str
    as_of: date
    state: RunState = Field(description="superseded once a newer run has the same date and versions")
    clients: int
    threshold: float = Field(description="the one that decided when the run was made")
    model_versions: dict[Target, str]
    created_at: datetime
    published_at: datetime | None

    @staticmethod
    def of(entry: RunEntry) -> "ScoringRunOut":
        run = entry.run
        return ScoringRunOut(
            id=str(run.id),
            as_of=date_of(run.as_of_day),
            state=run.state,
            clients=run.clients,
            threshold=run.threshold,
            model_versions=dict(entry.versions),
            created_at=run.created_at,
            published_at=run.published_at,
        )


class ScoringRunPage(Out):
    items: list[ScoringRunOut]
    next_cursor: str | None

"""Trained versions of the machine-learning models, and the threshold of decisions."""

from datetime import date, datetime
from typing import Any

from pydantic import Field

from salesml.core.days import date_of
from salesml.core.models import ModelRole, Target
from salesml.http.schemas.base import In, Out
from salesml.services.models import ModelEntry
from salesml.services.threshold import Threshold


class ChampionOut(Out):
    """Since when and why a version answers. `revision` grows with every change."""

    revision: int
    since: datetime
    note: str


class ModelOut(Out):
    """A version with its evidence: what it was measured by, on clients that it had not seen. A metric
    that has no value is null, with its reason under `reasons`."""

    id: str
    name: str = Field(examples=["purchase-clients-4"])
    target: Target
    role: ModelRole
    estimator: str
    as_of: date
    horizon_days: int
    features: list[str]
    ignored: dict[str, str] = Field(description="features left out, each with its reason")
    metrics: dict[str, Any]
    baselines: dict[str, dict[str, Any]]
    confusion_matrix: dict[str, int] | None = Field(description="tn, fp, fn, tp; null for sales")
    training: dict[str, Any] = Field(description="dates, numbers of rows, and hashes of what it learned from")
    verdict: str | None = Field(description="null, or the baseline that it does not beat")
    is_champion: bool
    champion: ChampionOut | None
    created_at: datetime
    created_by: str

    @staticmethod
    def of(entry: ModelEntry) -> "ModelOut":
        version = entry.version
        return ModelOut.model_validate(
            {
                **{name: getattr(version, name) for name in ModelOut.model_fields if hasattr(version, name)},
                "id": str(version.id),
                "as_of": date_of(version.as_of_day),
                "confusion_matrix": version.metrics.get("confusion_matrix"),
                "is_champion": entry.champion is not None,
                "champion": entry.champion,
            }
        )


class ModelPage(Out):
    items: list[ModelOut]
    next_cursor: str | None


class TrainingIn(In):
    as_of: date | None = Field(
        None, description="learn from data up to this day; null: the last whole day with orders"
    )
    estimator: str | None = Field(None, max_length=100, examples=["linear"])


class PromoteIn(In):
    note: str = Field("", max_length=500, examples=["judged better on the last month"])
    expected_revision: int | None = Field(
        None, ge=0, description="of the champion that was looked at; refused when it was changed since"
    )


class ThresholdIn(In):
    threshold: float = Field(strict=True, ge=0, le=1, examples=[0.35])


class BestF1Out(Out):
    """The threshold with the best F1 on the clients that the version was judged by."""

    threshold: float
    precision: float
    recall: float
    f1: float


class ThresholdOut(Out):
    threshold: float = Field(description="in force now")
    at: float | None = Field(description="the threshold that the next three figures are about")
    clients_at_threshold: int | None = Field(description="of the newest scoring run")
    share_at_threshold: float | None
    expected_buyers: float | None = Field(description="sum of the probabilities of these clients")
    scored_clients: int
    best_f1: BestF1Out | None

    @staticmethod
    def of(found: Threshold) -> "ThresholdOut":
        selected = found.selection
        return ThresholdOut(
            threshold=found.value,
            at=selected.threshold if selected else None,
            clients_at_threshold=selected.clients if selected else None,
            share_at_threshold=selected.clients / found.scored if selected and found.scored else None,
            expected_buyers=selected.expected_buyers if selected else None,
            scored_clients=found.scored,
            best_f1=BestF1Out.model_validate(found.best_f1) if found.best_f1 else None,
        )

"""Trained versions of the machine-learning models, and the threshold of decisions."""

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import Field

from salesml.core.days import date_of
from salesml.core.models import ModelRole, Promotion, Target, Verdict
from salesml.http.schemas.base import In, Out
from salesml.services import model_evidence
from salesml.services.models import ModelEntry
from salesml.services.threshold import Threshold

ExpectedRevision = Annotated[
    int | None,
    Field(ge=0, description="of the champion that was looked at; refused when it was changed since"),
]


class ChampionOut(Out):
    """Since when and why a version answers. `revision` grows with every change."""

    revision: int
    since: datetime
    note: str


class DataOut(Out):
    """What the fit that serves learned from: its training dates, rows, and the hash of them all."""

    first_date: date
    last_date: date
    rows: int
    sha256: str


class WindowOut(Out):
    """The version's recipe at a past date, on clients whose future it had not seen."""

    as_of: date
    clients: int
    metrics: dict[str, Any]


class IntervalsOut(Out):
    """80 % intervals fitted on older dates, at the newest one."""

    coverage: float = Field(description="share of clients whose sales lay within their bounds")
    above: float | None = Field(description="share beyond an upper bound above 0; 0.1 is right")
    bounded: int = Field(description="number of clients whose upper bound is above 0")
    bought_at_zero: float | None = Field(description="share of buyers where the upper bound is 0")
    score: float = Field(description="mean interval score (Winkler) in major units; less is better")


class BinOut(Out):
    """Clients of about the same probability, and how many of them bought, with a 95 % interval."""

    stated: float
    observed: float
    lower: float
    upper: float
    clients: int


class CalibrationOut(Out):
    """Whether probabilities came true at past dates."""

    error: float = Field(description="expected calibration error")
    bins: list[BinOut]
    reason: str | None = Field(description="why they only rank: few_buyers or off; null where they hold")
    values: dict[str, float] = Field(description="the figures of the reason")


class SuspicionOut(Out):
    """A feature that seems to know the future, by its AUC alone; with `before`, by the fall of it."""

    feature: str
    auc: float
    before: float | None


class GateOut(Out):
    """Whether the version was let through when it was trained, and why."""

    promoted: bool
    code: Verdict
    values: dict[str, float | int | str]
    sentence: str


class EvidenceOut(Out):
    """What was measured beside the metrics, at past dates; money in major units."""

    windows: list[WindowOut] = Field(description="the newest first")
    intervals: IntervalsOut | None
    calibration: CalibrationOut | None
    suspicion: SuspicionOut | None
    gate: GateOut | None


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
    parameters: dict[str, Any] = Field(description="what training chose")
    evidence: EvidenceOut
    has_intervals: bool
    ranking_only: bool = Field(description="true: its probabilities order clients, and no more")
    data: DataOut | None
    code_version: str | None = Field(description="the version of salesml that trained it")
    libraries: dict[str, str] = Field(description="versions of what wrote its file")
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
                "evidence": model_evidence.document(version),
                "has_intervals": version.intervals is not None,
                "data": model_evidence.data_span(version),
                "code_version": version.artifact.libraries.get("salesml"),
                "libraries": version.artifact.libraries,
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
    note: str = Field(
        "",
        max_length=500,
        description="needed for a version that the gate left a candidate",
        examples=["judged better on the last month"],
    )
    expected_revision: ExpectedRevision = None


class RollBackIn(In):
    role: ModelRole = Field(examples=["clients"])
    note: str = Field("", max_length=500, examples=["forecasts of new clients were too high"])
    expected_revision: ExpectedRevision = None
    horizon_days: int | None = Field(None, ge=1, description="null: the target's usual horizon")


class PromotionOut(Out):
    """One change of a champion."""

    id: str
    target: Target
    role: ModelRole
    horizon_days: int
    at: datetime
    actor: str
    note: str
    version: str = Field(description="who answers since then", examples=["sales-clients-5"])
    previous: str | None = Field(description="who answered before; null for the first")

    @staticmethod
    def of(promotion: Promotion) -> "PromotionOut":
        names = ("target", "role", "horizon_days", "at", "actor", "note", "previous")
        return PromotionOut(
            id=str(promotion.id),
            version=promotion.name,
            **{name: getattr(promotion, name) for name in names},
        )


class PromotionPage(Out):
    items: list[PromotionOut]
    next_cursor: str | None


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

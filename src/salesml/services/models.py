"""Recording trained versions, and asking which there are and who answers."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from salesml.core.errors import NoModel
from salesml.core.models import Champion, Decision, ModelRole, ModelVersion, Target
from salesml.core.pages import DEFAULT_LIMIT, Page
from salesml.ml import gate, intervals
from salesml.services import gating
from salesml.services.paging import newest_first
from salesml.services.ports.models import ModelStore
from salesml.services.ports.unit_of_work import UnitOfWork
from salesml.services.training import Candidate


@dataclass(frozen=True, kw_only=True)
class ModelEntry:
    """A version, and its crown if it is the champion of its target and role."""

    version: ModelVersion
    champion: Champion | None


def record(
    uow: UnitOfWork,
    trained: Sequence[Candidate],
    refused: Mapping[str, str],
    actor: str,
    now: datetime,
) -> Mapping[str, object]:
    """Store versions and crown those that the gate let through, all or nothing.

    A decision counts only beside the champion that it was made about, or its retrain of this very
    training: where another one was promoted meanwhile, the version stays a candidate.

    Answers {"versions": [{id, name, champion, note}], "refused": {"<target> <role>": reason}}.
    """
    recorded: list[dict[str, object]] = []
    renewed: dict[int, int] = {}
    for candidate in trained:
        holder = uow.models.champion(candidate.trained.target, candidate.trained.role)
        decision = _current(candidate, holder, renewed)
        version = uow.models.add(_version(candidate, decision, actor, now))
        promoted, note = decision.promoted, _note(decision, version)
        if promoted:
            _crown(uow, version, holder, actor, note, now)
            renewed |= {candidate.champion_id: version.id} if candidate.champion_id else {}
        recorded.append({"id": version.id, "name": version.name, "champion": promoted, "note": note})
        uow.audit.add(
            at=now,
            actor=actor,
            action="model.trained",
            subject=version.name,
            detail={"as_of_day": version.as_of_day, "champion": promoted, "note": note},
        )
    return {"versions": recorded, "refused": dict(refused)}


def champion_of(
    uow: UnitOfWork, target: Target, role: ModelRole, horizon_days: int | None = None
) -> tuple[ModelVersion, Champion]:
    """The version that answers, and since when and why; of the usual horizon, unless another is asked for.

    Raises NoModel while there is none.
    """
    holder = uow.models.champion(target, role, horizon_days)
    if holder is None:
        raise NoModel(f"no {target} model is trained yet; run: salesml train {target}")
    return uow.models.get(holder.version_id), holder


def champion(uow: UnitOfWork, target: Target, role: ModelRole) -> ModelVersion:
    """The version that answers. Raises NoModel while there is none."""
    return champion_of(uow, target, role)[0]


def versions(uow: UnitOfWork, target: Target | None = None) -> Sequence[ModelVersion]:
    """Every version, the newest first."""
    return uow.models.list(target)


def page(
    uow: UnitOfWork,
    *,
    target: Target | None = None,
    role: ModelRole | None = None,
    limit: int = DEFAULT_LIMIT,
    cursor: str | None = None,
) -> Page[ModelEntry]:
    """Versions of the target and role, the newest first. Raises InvalidValue, InvalidCursor."""
    crowns = {each.version_id: each for each in uow.models.champions()}

    def fetch(count: int, before_id: int | None) -> Sequence[ModelEntry]:
        found = uow.models.list(target, role, limit=count, before_id=before_id)
        return [ModelEntry(version=each, champion=crowns.get(each.id)) for each in found]

    scope = f"models {target} {role}"
    return newest_first(scope, fetch, lambda each: each.version.id, limit=limit, cursor=cursor)


def entry(uow: UnitOfWork, version_id: int) -> ModelEntry:
    """Raises NotFound."""
    version = uow.models.get(version_id)
    holder = uow.models.champion(version.target, version.role, version.horizon_days)
    is_champion = holder is not None and holder.version_id == version.id
    return ModelEntry(version=version, champion=holder if is_champion else None)


def check_usable(version: ModelVersion, store: ModelStore) -> None:
    """Raises ModelRefused for a version that scores clients but whose file cannot be opened any more."""
    if version.role is ModelRole.CLIENTS:
        store.load(version.artifact)


def best_f1_threshold(uow: UnitOfWork) -> Mapping[str, object] | None:
    """{threshold, precision, recall, f1} of the threshold with the best F1 at the judge date.

    Of the version that scores stored clients, else of the one that answers single forecasts; None
    without a model, or when nobody bought.
    """
    for role in (ModelRole.CLIENTS, ModelRole.KERNEL):
        holder = uow.models.champion(Target.PURCHASE, role)
        if holder is not None:
            found = uow.models.get(holder.version_id).metrics.get("best_f1")
            return found if isinstance(found, Mapping) else None
    return None


def needed_files(uow: UnitOfWork) -> frozenset[str]:
    """Model files that some version needs."""
    return uow.models.file_names()


def get(uow: UnitOfWork, version_id: int) -> ModelVersion:
    """Raises NotFound."""
    return uow.models.get(version_id)


def _current(candidate: Candidate, holder: Champion | None, renewed: Mapping[int, int]) -> Decision:
    known = candidate.champion_id
    held = None if holder is None else holder.version_id
    still = held == known or (known is not None and held == renewed.get(known))
    return candidate.decision if still or not candidate.decision.promoted else gate.changed()


def _note(decision: Decision, version: ModelVersion) -> str:
    said = gating.note(decision)
    return f"{said}; {version.verdict}" if version.verdict and decision.promoted else said


def _crown(
    uow: UnitOfWork, version: ModelVersion, holder: Champion | None, actor: str, note: str, now: datetime
) -> Champion:
    revision = 0 if holder is None else holder.revision
    return uow.models.crown(
        version.target, version.role, version.id, expected_revision=revision, actor=actor, note=note, now=now
    )


def _version(candidate: Candidate, decision: Decision, actor: str, now: datetime) -> ModelVersion:
    trained = candidate.trained
    return ModelVersion(
        id=0,
        target=trained.target,
        role=trained.role,
        estimator=trained.estimator,
        as_of_day=trained.as_of_day,
        horizon_days=trained.horizon_days,
        features=trained.features,
        ignored=trained.ignored,
        metrics=trained.metrics,
        baselines=trained.baselines,
        training=trained.training,
        evidence={**trained.evidence, "gate": asdict(decision)},
        intervals=None if trained.intervals is None else intervals.to_json(trained.intervals),
        folded=trained.folded,
        artifact=candidate.artifact,
        verdict=trained.verdict,
        created_at=now,
        created_by=actor,
    )

"""Recording trained versions, and deciding which of them answers."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from salesml.core.errors import NoModel
from salesml.core.models import Artifact, Champion, ModelRole, ModelVersion, Target
from salesml.ml.training import Trained
from salesml.services.ports.unit_of_work import UnitOfWork


def record(
    uow: UnitOfWork,
    trained: Sequence[tuple[Trained, Artifact]],
    refused: Mapping[str, str],
    actor: str,
    now: datetime,
) -> Mapping[str, object]:
    """Store versions and let the gate decide on each, all or nothing.

    Answers {"versions": [{id, name, champion, note}], "refused": {"<target> <role>": reason}}.
    """
    recorded: list[dict[str, object]] = []
    for result, artifact in trained:
        version = uow.models.add(_version(result, artifact, actor, now))
        promoted, note = _gate(uow, version, now)
        recorded.append({"id": version.id, "name": version.name, "champion": promoted, "note": note})
        uow.audit.add(
            at=now,
            actor=actor,
            action="model.trained",
            subject=version.name,
            detail={"as_of_day": version.as_of_day, "champion": promoted, "note": note},
        )
    return {"versions": recorded, "refused": dict(refused)}


def champion_of(uow: UnitOfWork, target: Target, role: ModelRole) -> tuple[ModelVersion, Champion]:
    """The version that answers, and since when and why. Raises NoModel while there is none."""
    holder = uow.models.champion(target, role)
    if holder is None:
        raise NoModel(f"no {target} model is trained yet; run: salesml train {target}")
    return uow.models.get(holder.version_id), holder


def champion(uow: UnitOfWork, target: Target, role: ModelRole) -> ModelVersion:
    """The version that answers. Raises NoModel while there is none."""
    return champion_of(uow, target, role)[0]


def versions(uow: UnitOfWork, target: Target | None = None) -> Sequence[ModelVersion]:
    """Every version, the newest first."""
    return uow.models.list(target)


def needed_files(uow: UnitOfWork) -> frozenset[str]:
    """Model files that some version needs."""
    return uow.models.file_names()


def get(uow: UnitOfWork, version_id: int) -> ModelVersion:
    """Raises NotFound."""
    return uow.models.get(version_id)


def _gate(uow: UnitOfWork, version: ModelVersion, now: datetime) -> tuple[bool, str]:
    """Whether the version becomes champion, and why.

    The first valid one does. A retrain of the champion's recipe does too: judged on the same window it
    is the same model, only newer. Another recipe stays a candidate.
    """
    holder = uow.models.champion(version.target, version.role)
    if holder is None:
        reason = "first valid version"
    elif _recipe(uow.models.get(holder.version_id)) == _recipe(version):
        reason = "retrain of the champion's recipe"
    else:
        return False, "candidate: another recipe than the champion's"
    note = f"{reason}; {version.verdict}" if version.verdict else reason
    _crown(uow, version, holder, note, now)
    return True, note


def _crown(uow: UnitOfWork, version: ModelVersion, holder: Champion | None, note: str, now: datetime) -> None:
    revision = 0 if holder is None else holder.revision
    uow.models.crown(version.target, version.role, version.id, expected_revision=revision, note=note, now=now)


def _recipe(version: ModelVersion) -> tuple[str, tuple[str, ...]]:
    return version.estimator, version.features


def _version(trained: Trained, artifact: Artifact, actor: str, now: datetime) -> ModelVersion:
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
        folded=trained.folded,
        artifact=artifact,
        verdict=trained.verdict,
        created_at=now,
        created_by=actor,
    )

"""Who answers: putting a version in use by hand, the way back, and how champions changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from salesml.core.errors import AlreadyExists, InvalidValue, NotFound
from salesml.core.models import Champion, ModelRole, ModelVersion, Promotion, Target
from salesml.core.pages import DEFAULT_LIMIT, Page
from salesml.services import gating, models
from salesml.services.model_evidence import decision_of
from salesml.services.models import ModelEntry
from salesml.services.paging import newest_first
from salesml.services.ports.unit_of_work import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class WayBack:
    """A roll-back that is possible: the version that comes back, the one that goes, and the revision of the
    champion that it was looked up at."""

    version: ModelVersion
    champion: ModelVersion
    revision: int


def promote(
    uow: UnitOfWork,
    version_id: int,
    *,
    note: str,
    actor: str,
    now: datetime,
    expected_revision: int | None = None,
) -> ModelEntry:
    """Make a version the champion of its target, role and horizon; also the way to any earlier one.

    What the gate left a candidate needs a note that says why. `expected_revision` is that of the champion
    which was looked at (0 for none): AlreadyExists is raised when it was changed since. Promoting the
    champion changes nothing. Raises NotFound, and InvalidValue for a kernel version without coefficients to
    serve, or for a missing note.
    """
    version = uow.models.get(version_id)
    holder = uow.models.champion(version.target, version.role, version.horizon_days)
    _check_revision(version, holder, expected_revision)
    if holder is not None and holder.version_id == version_id:
        return ModelEntry(version=version, champion=holder)
    if not note.strip() and (refusal := overruled(version)) is not None:
        raise InvalidValue("note", refusal)
    crowned = _crown(uow, version, holder, actor=actor, note=note, now=now)
    before = None if holder is None else uow.models.get(holder.version_id).name
    _audit(uow, "model.promoted", version, before, actor=actor, note=note, now=now)
    return ModelEntry(version=version, champion=crowned)


def overruled(version: ModelVersion) -> str | None:
    """Why a promotion of this version needs a note: the gate's reason to leave it a candidate."""
    decision = decision_of(version)
    if decision is None or decision.promoted:
        return None
    return f"must say why {version.name} is put in use: the gate left it a {gating.note(decision)}"


def way_back(uow: UnitOfWork, target: Target, role: ModelRole, horizon_days: int | None = None) -> WayBack:
    """What a roll-back would bring back: who answered before the last promotion.

    Of the target's usual horizon, unless another is asked for. Raises NoModel without a champion, and
    NotFound where nobody answered before it.
    """
    now, holder = models.champion_of(uow, target, role, horizon_days)
    last = uow.models.promotions(target, role, holder.horizon_days, limit=1)
    previous = last[0].previous_id if last else None
    if previous is None:
        raise NotFound(f"nothing to roll back to: no version answered for {target}-{role} before {now.name}")
    return WayBack(version=uow.models.get(previous), champion=now, revision=holder.revision)


def roll_back(
    uow: UnitOfWork,
    target: Target,
    role: ModelRole,
    *,
    actor: str,
    now: datetime,
    note: str = "",
    horizon_days: int | None = None,
    expected_revision: int | None = None,
) -> ModelEntry:
    """Undo the last promotion: the version that answered before answers again, with the same scores.

    Rolling back twice brings back what was rolled back first. Raises what `way_back` raises, AlreadyExists
    when the champion has changed since `expected_revision`, and InvalidValue for a kernel version without
    coefficients to serve.
    """
    found = way_back(uow, target, role, horizon_days)
    holder = uow.models.champion(target, role, found.version.horizon_days)
    _check_revision(found.version, holder, expected_revision)
    said = note.strip() or f"rolled back from {found.champion.name}"
    crowned = _crown(uow, found.version, holder, actor=actor, note=said, now=now)
    _audit(uow, "model.rolled_back", found.version, found.champion.name, actor=actor, note=said, now=now)
    return ModelEntry(version=found.version, champion=crowned)


def page(
    uow: UnitOfWork,
    *,
    target: Target | None = None,
    role: ModelRole | None = None,
    limit: int = DEFAULT_LIMIT,
    cursor: str | None = None,
) -> Page[Promotion]:
    """How champions of the target and role changed, the newest first. Raises InvalidValue, InvalidCursor."""

    def fetch(count: int, before_id: int | None) -> Sequence[Promotion]:
        return uow.models.promotions(target, role, limit=count, before_id=before_id)

    scope = f"promotions {target} {role}"
    return newest_first(scope, fetch, lambda each: each.id, limit=limit, cursor=cursor)


def _check_revision(version: ModelVersion, holder: Champion | None, expected: int | None) -> None:
    if expected not in (None, 0 if holder is None else holder.revision):
        raise AlreadyExists(f"the champion of {version.target}-{version.role} was changed by someone else")


def _crown(
    uow: UnitOfWork,
    version: ModelVersion,
    holder: Champion | None,
    *,
    actor: str,
    note: str,
    now: datetime,
) -> Champion:
    if version.role is ModelRole.KERNEL and version.folded is None:
        raise InvalidValue("model", f"{version.name} is not linear and cannot answer single forecasts")
    revision = 0 if holder is None else holder.revision
    return uow.models.crown(
        version.target, version.role, version.id, expected_revision=revision, actor=actor, note=note, now=now
    )


def _audit(
    uow: UnitOfWork,
    action: str,
    version: ModelVersion,
    before: str | None,
    *,
    actor: str,
    note: str,
    now: datetime,
) -> None:
    detail: dict[str, object] = {"before": before, "note": note}
    uow.audit.add(at=now, actor=actor, action=action, subject=version.name, detail=detail)

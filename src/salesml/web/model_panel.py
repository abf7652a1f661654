"""What the panel of the models shows, read in one transaction."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from salesml.core.errors import NoModel, NotFound
from salesml.core.jobs import Job, JobKind
from salesml.core.models import ModelRole, ModelVersion, Promotion, Target
from salesml.core.pages import Page
from salesml.services import jobs, models, promotions
from salesml.services import threshold as thresholds
from salesml.services.models import ModelEntry
from salesml.services.ports.unit_of_work import UnitOfWork
from salesml.services.promotions import WayBack
from salesml.services.threshold import Threshold

VERSIONS, CHANGES = 12, 8
Seat = tuple[Target, ModelRole]


@dataclass(frozen=True, kw_only=True)
class Panel:
    """`champions` by target, those that score stored clients first, with the revisions of their crowns and
    the ways back; `changes` are promotions with their versions, the newest first; `asked` is another
    threshold to look at; `training` is the newest job."""

    champions: Mapping[Target, Sequence[ModelEntry]]
    revisions: Mapping[Seat, int]
    ways_back: Mapping[Seat, WayBack]
    versions: Page[ModelEntry]
    changes: Sequence[tuple[Promotion, ModelVersion]]
    threshold: Threshold
    asked: float | None
    training: Job | None


@dataclass(frozen=True, kw_only=True)
class VersionPage:
    """A version, the revision of the champion that it would replace, and the way back if it is it."""

    entry: ModelEntry
    revision: int
    way_back: WayBack | None


def panel(uow: UnitOfWork, asked: float | None = None, cursor: str | None = None) -> Panel:
    newest = jobs.page(uow, kind=JobKind.TRAINING, limit=1).items
    champions = {target: _champions(uow, target) for target in Target}
    seats = {_seat(entry.version): entry for entries in champions.values() for entry in entries}
    found = {seat: _way_back(uow, seat) for seat in seats}
    return Panel(
        champions=champions,
        revisions={seat: entry.champion.revision for seat, entry in seats.items() if entry.champion},
        ways_back={seat: way for seat, way in found.items() if way is not None},
        versions=models.page(uow, limit=VERSIONS, cursor=cursor),
        changes=[
            (each, uow.models.get(each.version_id)) for each in promotions.page(uow, limit=CHANGES).items
        ],
        threshold=thresholds.get(uow, asked),
        asked=asked,
        training=newest[0] if newest else None,
    )


def version_page(uow: UnitOfWork, version_id: int) -> VersionPage:
    """Raises NotFound."""
    entry = models.entry(uow, version_id)
    version = entry.version
    holder = uow.models.champion(version.target, version.role, version.horizon_days)
    way_back = _way_back(uow, _seat(version)) if entry.champion else None
    return VersionPage(entry=entry, revision=holder.revision if holder else 0, way_back=way_back)


def _champions(uow: UnitOfWork, target: Target) -> list[ModelEntry]:
    holders = [uow.models.champion(target, role) for role in (ModelRole.CLIENTS, ModelRole.KERNEL)]
    return [models.entry(uow, holder.version_id) for holder in holders if holder is not None]


def _way_back(uow: UnitOfWork, seat: Seat) -> WayBack | None:
    with suppress(NotFound, NoModel):
        return promotions.way_back(uow, *seat)
    return None


def _seat(version: ModelVersion) -> Seat:
    return version.target, version.role

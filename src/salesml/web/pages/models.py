"""The panel of the machine-learning models: what answers, how good it is, training, and the threshold."""

from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Form
from fastapi.concurrency import run_in_threadpool
from starlette.responses import Response

from salesml.core.errors import AlreadyExists, InvalidValue, ModelRefused, TooLittleData
from salesml.core.jobs import Job, JobKind
from salesml.core.models import ModelRole, ModelVersion, Target
from salesml.core.pages import Page
from salesml.services import jobs, models, promotions, requests
from salesml.services import threshold as thresholds
from salesml.services.models import ModelEntry
from salesml.services.ports.unit_of_work import UnitOfWork
from salesml.services.threshold import Threshold
from salesml.web import model_texts
from salesml.web.pages.jobs import words as job_words
from salesml.web.reasons import reason
from salesml.web.visits import Administrator, Member, RowId, Visit

router = APIRouter(include_in_schema=False, prefix="/models")
Text = Annotated[str, Form(max_length=500)]
VERSIONS = 12
_HUNDRED = 100


@dataclass(frozen=True, kw_only=True)
class Panel:
    """`champions` by target, those that score stored clients first, and the revisions of their crowns;
    `asked` is another threshold to look at; `training` is the newest job."""

    champions: dict[Target, list[ModelEntry]]
    revisions: dict[tuple[Target, ModelRole], int]
    versions: Page[ModelEntry]
    threshold: Threshold
    asked: float | None
    training: Job | None


@router.get("")
async def show(visit: Member, threshold: str = "", cursor: str | None = None) -> Response:
    """The panel; `threshold` in per cent shows whom another one would select."""
    try:
        asked = _share(threshold) if threshold else None
    except InvalidValue as error:
        return await _with_error(visit, threshold, error)
    return _page(visit, await visit.tx.read(panel, asked, cursor), is_first=cursor is None)


@router.post("/training")
async def train(visit: Administrator, target: Text = "all") -> Response:
    """Queue a training; the panel then shows how far it is."""
    targets = [Target(target)] if target in list(Target) else list(Target)
    try:
        await visit.tx.run(requests.training, targets, actor=visit.user.email, now=datetime.now(UTC))
    except TooLittleData:
        return visit.go("/models", "too_little_data")
    return visit.go("/models")


@router.post("/threshold")
async def set_threshold(visit: Administrator, threshold: Text = "") -> Response:
    """Put another threshold in force, here at once."""
    try:
        value = _share(threshold)
        await visit.tx.run(thresholds.change, value, actor=visit.user.email, now=datetime.now(UTC))
    except InvalidValue as error:
        return await _with_error(visit, threshold, error)
    await run_in_threadpool(visit.state.serving.refresh)
    return visit.go("/models", "threshold_set", threshold=visit.language.percent(value, _digits(value)))


@router.get("/{version_id}")
async def version(visit: Member, version_id: RowId) -> Response:
    """One version with its evidence."""
    entry, revision = await visit.tx.read(version_here, version_id)
    return visit.page("models/version.html", entry=entry, revision=revision, **_words(visit))


@router.post("/{version_id}/promote")
async def promote(visit: Administrator, version_id: RowId, note: Text = "", revision: Text = "") -> Response:
    """Let a version answer instead of the one that does."""
    found = await visit.tx.read(models.get, version_id)
    try:
        await run_in_threadpool(models.check_usable, found, visit.state.app.models)
        await visit.tx.run(
            promotions.promote,
            version_id,
            note=note.strip(),
            actor=visit.user.email,
            now=datetime.now(UTC),
            expected_revision=int(revision) if revision.isdecimal() else None,
        )
    except AlreadyExists:
        return visit.go(f"/models/{version_id}", "champion_changed")
    except (ModelRefused, InvalidValue):
        return visit.go(f"/models/{version_id}", "model_refused", name=found.name)
    await run_in_threadpool(visit.state.serving.refresh)
    return visit.go(f"/models/{version_id}", "promoted", name=found.name)


def panel(uow: UnitOfWork, asked: float | None = None, cursor: str | None = None) -> Panel:
    newest = jobs.page(uow, kind=JobKind.TRAINING, limit=1).items
    champions = {target: _champions(uow, target) for target in Target}
    return Panel(
        champions=champions,
        revisions={
            (target, entry.version.role): entry.champion.revision
            for target, entries in champions.items()
            for entry in entries
            if entry.champion is not None
        },
        versions=models.page(uow, limit=VERSIONS, cursor=cursor),
        threshold=thresholds.get(uow, asked),
        asked=asked,
        training=newest[0] if newest else None,
    )


def version_here(uow: UnitOfWork, version_id: int) -> tuple[ModelEntry, int]:
    """A version, and the revision of the champion that it would replace. Raises NotFound."""
    entry = models.entry(uow, version_id)
    holder = uow.models.champion(entry.version.target, entry.version.role)
    return entry, holder.revision if holder else 0


def _champions(uow: UnitOfWork, target: Target) -> list[ModelEntry]:
    holders = [uow.models.champion(target, role) for role in (ModelRole.CLIENTS, ModelRole.KERNEL)]
    return [models.entry(uow, holder.version_id) for holder in holders if holder is not None]


def _page(
    visit: Visit,
    found: Panel,
    *,
    is_first: bool = True,
    typed: str | None = None,
    error: str | None = None,
) -> Response:
    return visit.page(
        "models/panel.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK,
        found=found,
        is_first=is_first,
        typed=typed,
        error=error,
        **_words(visit),
    )


async def _with_error(visit: Visit, typed: str, error: InvalidValue) -> Response:
    return _page(visit, await visit.tx.read(panel), typed=typed, error=reason(visit.language, error))


def _words(visit: Visit) -> dict[str, Any]:
    language, currency = visit.language, visit.here.currency.code

    def said(text: str) -> str:
        return model_texts.said(language, text)

    def evidence(version: ModelVersion) -> model_texts.Evidence:
        return model_texts.evidence(language, version, currency)

    return {**job_words(language), "words": model_texts, "said": said, "evidence": evidence}


def _share(percent: str) -> float:
    """A share from per cent as a person types them. Raises InvalidValue."""
    try:
        value = float(percent.replace(",", ".").replace("%", "").strip()) / _HUNDRED
    except ValueError:
        raise InvalidValue("threshold", "must lie between 0 and 1") from None
    if not 0 <= value <= 1:
        raise InvalidValue("threshold", "must lie between 0 and 1")
    return value


def _digits(share: float) -> int:
    return 0 if round(share * _HUNDRED, 6).is_integer() else 1

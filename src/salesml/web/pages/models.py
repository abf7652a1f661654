"""The panel of the machine-learning models: what answers, how good it is, training, and the threshold."""

from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Form
from fastapi.concurrency import run_in_threadpool
from starlette.responses import Response

from salesml.core.errors import AlreadyExists, InvalidValue, ModelRefused, TooLittleData
from salesml.core.models import ModelRole, Target
from salesml.services import model_cards, models, promotions, requests
from salesml.services import threshold as thresholds
from salesml.web import evidence_texts, gate_texts, model_texts
from salesml.web.i18n import N_
from salesml.web.model_panel import Panel, panel, version_page
from salesml.web.pages.jobs import words as job_words
from salesml.web.reasons import reason
from salesml.web.visits import Administrator, Member, RowId, Visit

router = APIRouter(include_in_schema=False, prefix="/models")
Text = Annotated[str, Form(max_length=500)]
Role = Annotated[ModelRole, Form()]
NOTE_NEEDED = N_("Write why: the note is kept with the change.")
_HUNDRED = 100


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
    return await _version(visit, version_id)


@router.get("/{version_id}/card.md")
async def card(visit: Member, version_id: RowId) -> Response:
    """The model card, to keep."""
    name, text = await visit.tx.read(model_cards.card, version_id)
    headers = {"Content-Disposition": f'attachment; filename="{name}.md"'}
    return Response(text, media_type="text/markdown", headers=headers)


@router.post("/{version_id}/promote")
async def promote(visit: Administrator, version_id: RowId, note: Text = "", revision: Text = "") -> Response:
    """Let a version answer instead of the one that does; without a needed note, the page with the error."""
    found = await visit.tx.read(models.get, version_id)
    try:
        await run_in_threadpool(models.check_usable, found, visit.state.app.models)
        await visit.tx.run(
            promotions.promote,
            version_id,
            note=note.strip(),
            actor=visit.user.email,
            now=datetime.now(UTC),
            expected_revision=_revision(revision),
        )
    except AlreadyExists:
        return visit.go(f"/models/{version_id}", "champion_changed")
    except InvalidValue as error:
        if error.field != "note":
            return visit.go(f"/models/{version_id}", "model_refused", name=found.name)
        return await _version(visit, version_id, typed=note, error=visit.language.gettext(NOTE_NEEDED))
    except ModelRefused:
        return visit.go(f"/models/{version_id}", "model_refused", name=found.name)
    await run_in_threadpool(visit.state.serving.refresh)
    return visit.go(f"/models/{version_id}", "promoted", name=found.name)


@router.post("/{target}/roll-back")
async def roll_back(
    visit: Administrator, target: Target, role: Role, revision: Text = "", note: Text = ""
) -> Response:
    """Let the version answer again that did before the last promotion."""
    found = await visit.tx.read(promotions.way_back, target, role)
    try:
        await run_in_threadpool(models.check_usable, found.version, visit.state.app.models)
        await visit.tx.run(
            promotions.roll_back,
            target,
            role,
            note=note,
            actor=visit.user.email,
            now=datetime.now(UTC),
            expected_revision=_revision(revision),
        )
    except AlreadyExists:
        return visit.go("/models", "champion_changed")
    except (ModelRefused, InvalidValue):
        return visit.go("/models", "model_refused", name=found.version.name)
    await run_in_threadpool(visit.state.serving.refresh)
    return visit.go("/models", "promoted", name=found.version.name)


async def _version(visit: Visit, version_id: int, *, typed: str = "", error: str | None = None) -> Response:
    return visit.page(
        "models/version.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK,
        found=await visit.tx.read(version_page, version_id),
        typed=typed,
        error=error,
        **_words(visit),
    )


def _revision(typed: str) -> int | None:
    return int(typed) if typed.isdecimal() else None


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
    """What templates call to have a version told in the reader's language."""
    language, currency = visit.language, visit.here.currency.code
    return {
        **job_words(language),
        "words": model_texts,
        "said": partial(model_texts.said, language),
        "evidence": partial(model_texts.evidence, language, currency=currency),
        "past_evidence": partial(evidence_texts.past_evidence, language, currency=currency),
        "doubt": partial(evidence_texts.doubt, language),
        "gate": partial(gate_texts.gate, language, currency=currency),
        "is_refused": lambda version: promotions.overruled(version) is not None,
        "why": partial(gate_texts.why, language, currency=currency),
    }


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

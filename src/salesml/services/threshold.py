"""The probability from which a client counts as a buyer to come, and whom it selects."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from salesml.core.dashboard import Selection
from salesml.core.errors import InvalidValue
from salesml.services import dashboard, installation, models
from salesml.services.ports.unit_of_work import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class Threshold:
    """The threshold in force, whom `selection.threshold` selects of the `scored` clients of the newest run
    (None before the first), and {threshold, precision, recall, f1} of the best F1 at the judge date."""

    value: float
    selection: Selection | None
    scored: int
    best_f1: Mapping[str, object] | None


def get(uow: UnitOfWork, asked: float | None = None) -> Threshold:
    """What is in force; `asked` shows whom another threshold would select. Raises InvalidValue."""
    value = installation.current(uow).threshold
    figures = dashboard.summary(uow)
    scored = figures.scored if figures else None
    selection = scored.selection if scored else None
    if scored is not None and asked is not None:
        selection = uow.predictions.select(scored.run_id, _checked(asked))
    return Threshold(
        value=value,
        selection=selection,
        scored=scored.clients if scored else 0,
        best_f1=models.best_f1_threshold(uow),
    )


def change(uow: UnitOfWork, value: float, *, actor: str, now: datetime) -> Threshold:
    """Put another threshold in force: for answers, pages and the prepared figures at once.

    Decisions that were stored at scoring stay as they were made. Raises InvalidValue.
    """
    here = installation.current(uow)
    if _checked(value) != here.threshold:
        uow.installation.put(replace(here, threshold=value))
        dashboard.threshold_changed(uow, now)
        detail: dict[str, object] = {"before": here.threshold, "after": value}
        uow.audit.add(at=now, actor=actor, action="threshold.changed", subject="installation", detail=detail)
    return get(uow)


def _checked(value: float) -> float:
    if not 0.0 <= value <= 1.0:
        raise InvalidValue("threshold", "must lie between 0 and 1")
    return value

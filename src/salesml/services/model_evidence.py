"""What is known of a trained version besides its metrics, as plain values to show and to hand out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from salesml.core.models import Decision, ModelVersion, Verdict
from salesml.services import gating

_WINDOW = ("as_of", "clients", "metrics")


@dataclass(frozen=True, kw_only=True)
class DataSpan:
    """What the fit that serves learned from: its oldest and newest training date, how many rows, and the
    hash of them all."""

    first_date: date
    last_date: date
    rows: int
    sha256: str


def data_span(version: ModelVersion) -> DataSpan | None:
    """None where the record says nothing of it."""
    found: Any = version.training.get("served_fit")
    if not found:
        return None
    dates = sorted(date.fromisoformat(each) for each in found["dates"])
    return DataSpan(first_date=dates[0], last_date=dates[-1], rows=found["rows"], sha256=found["sha256"])


def decision_of(version: ModelVersion) -> Decision | None:
    """What the gate decided when the version was trained; None where it was not asked."""
    stored: Any = version.evidence.get("gate")
    if not stored:
        return None
    return Decision(promoted=stored["promoted"], code=Verdict(stored["code"]), values=dict(stored["values"]))


def document(version: ModelVersion) -> Mapping[str, object]:
    """The evidence as JSON has it, money in major units: `windows` of past dates with their metrics, newest
    first; `intervals`, `calibration` and `suspicion`, each null where there is none; the `gate`'s decision
    with its sentence."""
    decision = decision_of(version)
    windows: Any = version.evidence.get("windows", ())
    return {
        "windows": [{name: each[name] for name in _WINDOW} for each in windows],
        **{name: version.evidence.get(name) for name in ("intervals", "calibration", "suspicion")},
        "gate": None if decision is None else {**vars(decision), "sentence": gating.note(decision)},
    }

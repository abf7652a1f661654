"""What was measured of a version at past dates, as the rows of tables that people read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from salesml.core.intervals import COVERAGE, TAIL
from salesml.core.models import ModelVersion, Target
from salesml.services.model_evidence import DataSpan, data_span, document
from salesml.web.feature_texts import label
from salesml.web.i18n import ABSENT, N_, Language
from salesml.web.model_texts import METRICS, measured

_DOUBTS: Mapping[str, str] = {
    "few_buyers": N_(
        "At past dates %(buyers)s clients bought; at least %(needed)s are needed to tell whether the "
        "probabilities are right. Use them to put clients in order."
    ),
    "off": N_(
        "At past dates stated and observed shares were %(error)s apart on average; %(allowed)s is allowed. "
        "Use the probabilities to put clients in order."
    ),
}


@dataclass(frozen=True, kw_only=True)
class Row:
    """A label with its explanation, and one value for each column."""

    label: str
    hint: str
    values: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class PastEvidence:
    """`days` head the columns of `windows`; each of `intervals` has what happened and what was promised;
    `bins` have stated, observed, its interval, and clients. `doubt` says why probabilities only rank,
    `suspicion` which feature seems to know the future."""

    days: tuple[str, ...]
    windows: tuple[Row, ...]
    intervals: tuple[Row, ...]
    bins: tuple[tuple[str, ...], ...]
    error: str | None
    doubt: str | None
    suspicion: str | None
    span: DataSpan | None
    libraries: tuple[tuple[str, str], ...]


def past_evidence(language: Language, version: ModelVersion, currency: str) -> PastEvidence:
    """What is shown of a version's evidence."""
    found: Mapping[str, Any] = document(version)
    calibration = found["calibration"]
    return PastEvidence(
        days=tuple(language.day(date.fromisoformat(each["as_of"])) for each in found["windows"]),
        windows=_windows(language, version.target, found["windows"], currency),
        intervals=_intervals(language, found["intervals"], currency),
        bins=tuple(_bin(language, each) for each in calibration["bins"]) if calibration else (),
        error=language.percent(calibration["error"], 1) if calibration else None,
        doubt=doubt(language, version),
        suspicion=_suspicion(language, found["suspicion"]),
        span=data_span(version),
        libraries=tuple(sorted(version.artifact.libraries.items())),
    )


def doubt(language: Language, version: ModelVersion) -> str | None:
    """Why the probabilities of a version only rank; None where they hold."""
    found: Any = version.evidence.get("calibration")
    if not found or found["reason"] is None:
        return None
    values = {
        name: language.percent(value, 1) if name in ("error", "allowed") else language.number(value)
        for name, value in found["values"].items()
    }
    message = _DOUBTS[found["reason"]]
    return language.gettext(message, **values)


def _windows(
    language: Language, target: Target, windows: list[Mapping[str, Any]], currency: str
) -> tuple[Row, ...]:
    clients = Row(
        label=language.gettext("Clients"),
        hint=language.gettext("known then"),
        values=tuple(language.number(each["clients"]) for each in windows),
    )
    rows = [
        Row(
            label=language.gettext(metric.label),
            hint=language.gettext(metric.hint),
            values=tuple(measured(language, metric, each["metrics"], currency) for each in windows),
        )
        for metric in METRICS[target]
    ]
    return (clients, *rows) if windows else ()


def _intervals(language: Language, found: Mapping[str, Any] | None, currency: str) -> tuple[Row, ...]:
    if found is None:
        return ()
    tail, bounded = language.percent(TAIL), language.number(found["bounded"])
    most = language.gettext("at most %(share)s", share=tail)
    table = (
        (
            N_("Inside the bounds"),
            N_("all clients; those who buy nothing add to it"),
            "coverage",
            COVERAGE,
        ),
        (N_("Above the upper bound"), N_("clients whose bound is above 0"), "above", TAIL),
    )
    rows = [
        Row(
            label=language.gettext(label),
            hint=language.gettext(hint) + (f": {bounded}" if name == "above" else ""),
            values=(language.percent(found[name], 1), language.percent(promised)),
        )
        for label, hint, name, promised in table
    ]
    bought = Row(
        label=language.gettext("Bought all the same"),
        hint=language.gettext("clients whose upper bound is 0"),
        values=(language.percent(found["bought_at_zero"], 1), most),
    )
    score = Row(
        label=language.gettext("Interval score"),
        hint=language.gettext("width, and what is missed ten times over; less is better"),
        values=(language.money(found["score"], currency, 2), ""),
    )
    return (*rows, bought, score)


def _bin(language: Language, found: Mapping[str, float]) -> tuple[str, ...]:
    observed = f"{language.percent(found['lower'], 1)} {ABSENT} {language.percent(found['upper'], 1)}"
    return (
        language.percent(found["stated"], 1),
        language.percent(found["observed"], 1),
        observed,
        language.number(found["clients"]),
    )


def _suspicion(language: Language, found: Mapping[str, Any] | None) -> str | None:
    return None if found is None else label(language, found["feature"])

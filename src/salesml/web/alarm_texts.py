"""Alarms as people read them: what is wrong, and where to look."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from salesml.core.alarms import Alarm, AlarmCode, Severity
from salesml.core.models import Target
from salesml.core.money import Currency
from salesml.web.feature_texts import label
from salesml.web.i18n import N_, Language
from salesml.web.model_texts import METRICS

_TONES: Mapping[Severity, str] = {Severity.NOTABLE: "warn", Severity.ALARMING: "bad"}


@dataclass(frozen=True, kw_only=True)
class AlarmText:
    """`tone` is warn or bad; `link` says what `href` leads to."""

    tone: str
    text: str
    href: str
    link: str


def alarm_text(language: Language, alarm: Alarm, currency: Currency) -> AlarmText:
    """An alarm in words; amounts are in the currency."""
    values = alarm.values
    text = _TEXTS[alarm.code](language, values, currency)
    href, link = _PLACES.get(alarm.code, (f"/models/{values.get('version_id')}", _MODEL))
    return AlarmText(tone=_TONES[alarm.severity], text=text, href=href, link=language.gettext(link))


def _drifted(language: Language, values: Mapping[str, Any], _: Currency) -> str:
    names = [label(language, each["name"]) for each in values["features"]]
    others = values["count"] - len(names)
    told = "; ".join(names)
    if others:
        told = language.ngettext(
            "%(names)s and %(num)s more", "%(names)s and %(num)s more", others, names=told
        )
    return language.gettext(
        N_("Clients are not like those that %(version)s learned from: %(features)s. Train it anew."),
        version=values["version"],
        features=told,
    )


def _uncalibrated(language: Language, values: Mapping[str, Any], _: Currency) -> str:
    return language.gettext(
        N_(
            "Of the clients of %(day)s, %(version)s expected %(promised)s to buy within 14 days; "
            "%(observed)s did."
        ),
        day=_day(language, values),
        version=values["version"],
        promised=language.percent(values["promised"], 1),
        observed=language.percent(values["observed"], 1),
    )


def _worse(language: Language, values: Mapping[str, Any], currency: Currency) -> str:
    text = next(each for each in METRICS[Target(values["target"])] if each.name == values["metric"])

    def figure(value: float) -> str:
        if text.unit == "money":
            return language.money(value, currency.code, text.digits)
        return language.number(value, text.digits)

    return language.gettext(
        N_(
            "The forecasts of %(version)s from %(day)s were worse than its evidence: %(metric)s %(live)s "
            "instead of %(promised)s."
        ),
        version=values["version"],
        day=_day(language, values),
        metric=language.gettext(text.label),
        live=figure(values["live"]),
        promised=figure(values["promised"]),
    )


def _old(language: Language, values: Mapping[str, Any], _: Currency) -> str:
    return language.gettext(
        N_(
            "The newest data is from %(day)s. Import newer orders and score again, so that forecasts look "
            "ahead from today."
        ),
        day=_day(language, values),
    )


def _failed(language: Language, _: Mapping[str, Any], __: Currency) -> str:
    return language.gettext(N_("The last training failed; the versions of before go on answering."))


_MODEL = N_("To the version")
_TEXTS: Mapping[AlarmCode, Callable[[Language, Mapping[str, Any], Currency], str]] = {
    AlarmCode.INPUT_DRIFT: _drifted,
    AlarmCode.CALIBRATION_DRIFT: _uncalibrated,
    AlarmCode.WORSE_THAN_EVIDENCE: _worse,
    AlarmCode.FORECASTS_OLD: _old,
    AlarmCode.TRAINING_FAILED: _failed,
}
_PLACES: Mapping[AlarmCode, tuple[str, str]] = {
    AlarmCode.FORECASTS_OLD: ("/imports", N_("Import orders")),
    AlarmCode.TRAINING_FAILED: ("/jobs", N_("To background work")),
}
"""Address and its words; other alarms lead to the version that they are about."""


def _day(language: Language, values: Mapping[str, Any]) -> str:
    return language.day(date.fromisoformat(values["as_of"]), "long")

"""The gate's decisions and notes of promotions in the reader's words, made from codes and figures."""

from collections.abc import Callable, Mapping
from datetime import date

from salesml.core.models import Decision, ModelVersion, Target, Verdict
from salesml.services import gating
from salesml.services.model_evidence import decision_of
from salesml.web.feature_texts import label
from salesml.web.i18n import N_, Language
from salesml.web.model_texts import said

SENTENCES: Mapping[Verdict, str] = {
    Verdict.FIRST: N_("The first valid version, so it answers."),
    Verdict.SAME_RECIPE: N_("The same recipe as before, trained on newer data."),
    Verdict.RETRAIN_HOLDS: N_(
        "The same recipe as before, on newer data: %(metric)s %(loss)s on the newest month, where the "
        "version before has %(loss_before)s."
    ),
    Verdict.BETTER: N_(
        "Better than the recipe before: %(metric)s %(loss)s against %(loss_before)s over %(windows)s past "
        "months, a gain between %(lower)s and %(upper)s."
    ),
    Verdict.RETRAIN_WORSE: N_(
        "Worse than the version then in use by more than %(tolerance)s on the newest month: %(metric)s "
        "%(loss)s against %(loss_before)s."
    ),
    Verdict.NOT_PROVEN: N_(
        "No gain over the recipe then in use that chance could not explain: %(metric)s %(loss)s against "
        "%(loss_before)s over %(windows)s past months, a gain between %(lower)s and %(upper)s."
    ),
    Verdict.OLDER_DATA: N_(
        "It knows less than the version then in use, which had learned from the data up to %(day)s."
    ),
    Verdict.LEAK: N_(
        "The feature “%(feature)s” looks as if it knew the future: alone it ranks buyers with an AUC of "
        "%(auc)s. Look at where it comes from."
    ),
    Verdict.CHANGED: N_("Another version was put in use while this one was trained."),
}
_FALLEN = N_(
    "The ranking fell from an AUC of %(before)s at older dates to %(auc)s on the newest month; the feature "
    "“%(feature)s” lost most. It may have known the future. Look at where it comes from."
)
_METRICS: Mapping[Target, str] = {Target.SALES: N_("RMSE"), Target.PURCHASE: N_("log loss")}
_LOSSES = ("loss", "loss_before", "lower", "upper")


def sentence(language: Language, decision: Decision, target: Target, currency: str) -> str:
    """What the gate decided, and why."""
    values = {
        name: _figure(language, name, value, target, currency) for name, value in decision.values.items()
    }
    known = {"metric": language.gettext(_METRICS[target]), **values}
    message = _FALLEN if "before" in values else SENTENCES[decision.code]
    return language.gettext(message, **known)


def gate(language: Language, version: ModelVersion, currency: str) -> str | None:
    """The same of a version; None where the gate was not asked."""
    decision = decision_of(version)
    return None if decision is None else sentence(language, decision, version.target, currency)


def why(language: Language, version: ModelVersion, note: str, currency: str) -> str:
    """Why a version was put in use: the gate's reason, or what was typed then."""
    decision = decision_of(version)
    if decision is None or not note.startswith(gating.note(decision)):
        return said(language, note)
    told = sentence(language, decision, version.target, currency)
    return f"{told} {said(language, version.verdict)}" if version.verdict else told


def _figure(language: Language, name: str, value: float | str, target: Target, currency: str) -> str:
    if isinstance(value, str):
        return _name(language, name, value)
    if name in _LOSSES:
        return _loss(language, target, currency)(value)
    if name == "tolerance":
        return language.percent(value)
    return language.number(value, 3 if name in ("auc", "before") else 0)


def _name(language: Language, name: str, value: str) -> str:
    if name == "day":
        return language.day(date.fromisoformat(value), "long")
    return label(language, value)


def _loss(language: Language, target: Target, currency: str) -> Callable[[float], str]:
    if target is Target.SALES:
        return lambda value: language.money(value, currency, 2)
    return lambda value: language.number(value, 4)

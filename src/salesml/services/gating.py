"""What the gate says of a version that was just trained, and in which words."""

from collections.abc import Mapping
from typing import Any

from salesml.core.days import date_of
from salesml.core.errors import ModelRefused, TooLittleData
from salesml.core.models import HORIZON_DAYS, Decision, ModelRole, ModelVersion, Target, Verdict
from salesml.ml import gate
from salesml.ml.estimators import find_estimator
from salesml.ml.leakage import suspect
from salesml.ml.material import Material
from salesml.ml.prediction import predict_purchase, predict_sales
from salesml.ml.rolling import Window
from salesml.ml.training import Trained
from salesml.ml.windows import trials, windows_of
from salesml.services.known_features import unknown_features
from salesml.services.ports.models import ModelStore
from salesml.services.ports.unit_of_work import UnitOfWork

Champions = Mapping[tuple[Target, ModelRole], ModelVersion]

NOTES = {
    Verdict.FIRST: "first valid version",
    Verdict.SAME_RECIPE: "retrain of the champion's recipe",
    Verdict.RETRAIN_HOLDS: "retrain of the champion's recipe: {loss:.6g} on the newest month against "
    "{loss_before:.6g}",
    Verdict.BETTER: "better than the champion's recipe: {loss:.6g} against {loss_before:.6g} over "
    "{windows} past months, gain between {lower:.3g} and {upper:.3g}",
    Verdict.RETRAIN_WORSE: "candidate: worse than the champion by more than {tolerance:.0%} on the newest "
    "month ({loss:.6g} against {loss_before:.6g})",
    Verdict.NOT_PROVEN: "candidate: no gain over the champion's recipe that chance could not explain "
    "({loss:.6g} against {loss_before:.6g} over {windows} past months, gain between {lower:.3g} and "
    "{upper:.3g})",
    Verdict.OLDER_DATA: "candidate: the champion knows data up to {day}",
    Verdict.LEAK: "candidate: {feature} looks as if it knew the future (AUC {auc:.3f}); look at where it "
    "comes from",
    Verdict.CHANGED: "candidate: another version was promoted while this one was trained",
}
"""What each decision says on the command line and in the log; pages have words of their own."""


def champions(uow: UnitOfWork) -> Champions:
    """The versions that answer now, for the usual horizons."""
    held = [each for each in uow.models.champions() if each.horizon_days == HORIZON_DAYS[each.target]]
    return {(each.target, each.role): uow.models.get(each.version_id) for each in held}


def decide(
    material: Material, trained: Trained, champion: ModelVersion | None, store: ModelStore, exponent: int
) -> Decision:
    """Whether a version may answer from now on; computation only, nothing is recorded.

    A suspected leak blocks it whatever the scores say. Raises what training the champion's recipe raises,
    except TooLittleData: a recipe that the data can no longer feed is no rival.
    """
    if (found := suspect(trained.windows)) is not None:
        fell = {} if found.before is None else {"before": found.before}
        return gate.leaking(found.feature, {"auc": found.auc, **fell})
    if champion is None:
        return gate.first()
    if trained.as_of_day < champion.as_of_day:
        return gate.older(date_of(champion.as_of_day).isoformat())
    if trained.estimator == champion.estimator:
        return gate.retrain(trained.windows[0], _still(material, champion, store), exponent)
    try:
        spec = find_estimator(champion.estimator, champion.target)
        rival = windows_of(trials(material, champion.target, champion.role, spec))
    except TooLittleData:
        return gate.first()
    return gate.challenge(trained.windows, rival, exponent)


def note(decision: Decision) -> str:
    """The decision as a sentence in English."""
    return NOTES[decision.code].format(**decision.values)


def _still(material: Material, champion: ModelVersion, store: ModelStore) -> Window | None:
    """What the champion itself forecasts at the judge date; None where it has learned from that month,
    needs what is not known there, or can no longer be opened."""
    judge = material.days.judge
    rows = material.examples.at([judge])
    here = set(champion.features) <= set(rows.features.column_names)
    if champion.as_of_day > judge or not here or unknown_features(champion, rows.features):
        return None
    try:
        pipeline = store.load(champion.artifact)
    except ModelRefused:
        return None
    predict: Any = predict_sales if champion.target is Target.SALES else predict_purchase
    predicted = predict(pipeline, champion.features, rows.features).astype(float)
    return Window(
        day=judge, target=champion.target, rows=rows, predicted=predicted, features=champion.features
    )

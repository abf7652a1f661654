"""A recipe at past origins: fitted there on what had matured by then, and judged on what came after."""

from collections.abc import Sequence
from dataclasses import dataclass

from salesml.core.errors import TooLittleData
from salesml.core.models import ModelRole, Target
from salesml.ml import sufficiency
from salesml.ml.estimators import EstimatorSpec
from salesml.ml.examples import Rows
from salesml.ml.fitting import Fit, fit
from salesml.ml.material import Material, choose_at
from salesml.ml.rolling import Window
from salesml.ml.selection import Selection


@dataclass(frozen=True, kw_only=True)
class Trial:
    """A window, the fit behind it, the rows that it learned from, and how its features were chosen."""

    window: Window
    fit: Fit
    learned: Rows
    choice: Selection


def trials(material: Material, target: Target, role: ModelRole, spec: EstimatorSpec) -> tuple[Trial, ...]:
    """At the judge date and at the older origins for which the data suffices, the newest first.

    Raises TooLittleData when it does not suffice at the judge date.
    """
    found = [trial_at(material, target, role, spec, material.days.judge)]
    for origin in material.days.origins[1:]:
        try:
            found.append(trial_at(material, target, role, spec, origin))
        except TooLittleData:
            break
    return tuple(found)


def trial_at(material: Material, target: Target, role: ModelRole, spec: EstimatorSpec, origin: int) -> Trial:
    """The recipe at one origin. Raises TooLittleData."""
    choice = choose_at(material, target, role, origin, rich=spec.rich)
    learned, judged = checked_rows(material, target, role, choice, origin)
    fitted = fit(spec, target, choice.features, choice.days, learned)
    window = Window(
        day=origin,
        target=target,
        rows=judged,
        predicted=fitted.predict(judged),
        features=choice.features,
    )
    return Trial(window=window, fit=fitted, learned=learned, choice=choice)


def checked_rows(
    material: Material, target: Target, role: ModelRole, choice: Selection, origin: int
) -> tuple[Rows, Rows]:
    """Rows to learn from and rows to judge by. Raises TooLittleData when either are too few."""
    learned, judged = material.examples.at(choice.days), material.examples.at([origin])
    sufficiency.check_training(target, role, learned, choice.days, choice.features)
    sufficiency.check_judge(target, role, judged, origin)
    return learned, judged


def windows_of(found: Sequence[Trial]) -> tuple[Window, ...]:
    """Their windows, in the same order."""
    return tuple(each.window for each in found)

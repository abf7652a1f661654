"""One target at one past date: every asked estimator as it would have been trained then, and baselines."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from salesml.core.days import date_of
from salesml.core.errors import InvalidValue, TooLittleData
from salesml.core.models import HORIZON_DAYS, ModelRole, Target
from salesml.core.money import Currency
from salesml.ml.baselines import baseline_forecasts
from salesml.ml.estimators import DEFAULT_ESTIMATOR, estimators_for
from salesml.ml.league import Contender
from salesml.ml.material import Material
from salesml.ml.prediction import predict_purchase, predict_sales
from salesml.ml.rolling import Values, Window
from salesml.ml.training import Trained, train

KERNEL = "kernel"
"""The name of the five-input regression among the estimators, which learn from every feature."""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What is contested: by target the default estimator and the others; `last_day` has the last order."""

    threshold: float
    currency: Currency
    last_day: int
    others: Mapping[Target, Sequence[str]] = field(default_factory=dict)
    defaults: Mapping[Target, str] = field(default_factory=dict)

    def default(self, target: Target) -> str:
        return self.defaults.get(target) or DEFAULT_ESTIMATOR[target]

    def names(self, target: Target) -> tuple[str, ...]:
        """The default first; of the others those that learn the target."""
        known = contenders_for(target)
        others = [name for name in self.others.get(target, ()) if name in known]
        return tuple(dict.fromkeys([self.default(target), *others]))

    def unripe(self, target: Target, day: int) -> str | None:
        """Why forecasts of that day cannot be judged yet, if they cannot."""
        matures = day + HORIZON_DAYS[target]
        if matures <= self.last_day:
            return None
        return f"its label ends on {date_of(matures)}, the orders on {date_of(self.last_day)}"


@dataclass(frozen=True, kw_only=True)
class Contest:
    """Everybody's forecasts of one target at one date; `served` are those of the default recipe for every
    client known, matured or not, None where it could not be trained."""

    day: int
    target: Target
    contenders: Sequence[Contender]
    served: Values | None = None


def contenders_for(target: Target) -> tuple[str, ...]:
    """Everything that can be backtested: the estimators that learn the target, and the KERNEL."""
    return (*estimators_for(target), KERNEL)


def check_contenders(names: Sequence[str]) -> None:
    """Raises InvalidValue for a name that no target knows."""
    known = dict.fromkeys(name for target in Target for name in contenders_for(target))
    for name in names:
        if name not in known:
            raise InvalidValue("estimator", f"{name!r} is none of: {', '.join(known)}")


def no_contest(day: int, target: Target, recipe: Recipe, reason: str) -> Contest:
    """Nothing could be trained at the date."""
    refused = [Contender(name=name, reason=reason) for name in recipe.names(target)]
    return Contest(day=day, target=target, contenders=refused)


def contest(material: Material, target: Target, recipe: Recipe, step: Callable[[], None]) -> Contest:
    """Train, forecast every client known, and the baselines beside; `step` is told of each model.

    While the label has not matured only the default recipe is trained, for its forecasts.
    """
    day, default = material.days.as_of, recipe.default(target)
    unripe = recipe.unripe(target, day)
    contenders: list[Contender] = []
    served: Values | None = None
    teaching: tuple[int, ...] = ()
    for name in recipe.names(target):
        step()
        if unripe and name != default:
            contenders.append(Contender(name=name, reason=unripe))
            continue
        try:
            trained, predicted = _forecast(material, target, name, recipe)
        except TooLittleData as error:
            contenders.append(Contender(name=name, reason=str(error)))
        except Exception as error:  # its row says so, and the others go on
            contenders.append(Contender(name=name, reason=f"failed: {type(error).__name__}: {error}"))
        else:
            served = predicted if name == default else served
            teaching = teaching or trained.served_days
            contenders.append(_contender(name, trained, predicted, material, unripe))
    if teaching and not unripe:
        contenders += _baselines(material, target, teaching)
    return Contest(day=day, target=target, contenders=contenders, served=served)


def _forecast(material: Material, target: Target, name: str, recipe: Recipe) -> tuple[Trained, Values]:
    """The version of that day and its forecast of every client known.

    Raises TooLittleData, ValueError for forecasts that are no finite amounts or no probabilities, and
    whatever else its estimator raises.
    """
    trained = train(
        material,
        target,
        ModelRole.KERNEL if name == KERNEL else ModelRole.CLIENTS,
        threshold=recipe.threshold,
        currency=recipe.currency,
        estimator=None if name == KERNEL else name,
    )
    table = material.examples.features[material.days.as_of]
    if target is Target.PURCHASE:
        probabilities = predict_purchase(trained.pipeline, trained.features, table)
        if not ((probabilities >= 0) & (probabilities <= 1)).all():
            raise ValueError("a forecast is no probability")
        return trained, probabilities
    amounts = predict_sales(trained.pipeline, trained.features, table)
    # What was not finite has become the smallest integer.
    if (amounts < 0).any():
        raise ValueError("a forecast is not finite")
    return trained, amounts.astype(np.float64)


def _contender(
    name: str, trained: Trained, predicted: Values, material: Material, unripe: str | None
) -> Contender:
    window = None if unripe else _window(material, trained.target, predicted, trained.features)
    return Contender(
        name=name,
        windows=() if window is None else (window,),
        reason=unripe,
        features=trained.features,
        ignored=trained.ignored,
    )


def _baselines(material: Material, target: Target, teaching: Sequence[int]) -> list[Contender]:
    """Taught by the dates of a version that was trained, the default's where there is one."""
    table = material.examples.features[material.days.as_of]
    forecasts = baseline_forecasts(target, material.examples.at(teaching), table)
    return [
        Contender(
            name=name,
            is_baseline=True,
            windows=(_window(material, target, forecast.astype(np.float64), ()),),
        )
        for name, forecast in forecasts.items()
    ]


def _window(material: Material, target: Target, predicted: Values, features: tuple[str, ...]) -> Window:
    day = material.days.as_of
    rows = material.examples.at([day])
    return Window(day=day, target=target, rows=rows, predicted=predicted, features=features)

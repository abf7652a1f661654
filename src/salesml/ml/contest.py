"""One target at one past date: every asked estimator as it would have been trained then, and baselines."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from salesml.core.days import date_of
from salesml.core.errors import InvalidValue, TooLittleData
from salesml.core.models import HORIZON_DAYS, ModelRole, Target
from salesml.core.money import Currency
from salesml.ml.baselines import baseline_forecasts
from salesml.ml.estimators import DEFAULT_ESTIMATOR, default_estimator, estimators_for, find_estimator
from salesml.ml.fitting import fit
from salesml.ml.intervals import Bounds
from salesml.ml.league import Contender
from salesml.ml.material import Material, choose_at
from salesml.ml.prediction import predict_purchase, predict_sales
from salesml.ml.rolling import Values, Window
from salesml.ml.training import train
from salesml.ml.windows import checked_rows

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
    client known, matured or not, None where it could not be trained, and `bounds` their 80 % intervals, None
    where there are none."""

    day: int
    target: Target
    contenders: Sequence[Contender]
    served: Values | None = None
    bounds: Bounds | None = None


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
    served: _Forecast | None = None
    teaching: tuple[int, ...] = ()
    for name in recipe.names(target):
        step()
        if unripe and name != default:
            contenders.append(Contender(name=name, reason=unripe))
            continue
        try:
            found = _forecast(material, target, name, recipe)
        except TooLittleData as error:
            contenders.append(Contender(name=name, reason=str(error)))
        except Exception as error:  # its row says so, and the others go on
            contenders.append(Contender(name=name, reason=f"failed: {type(error).__name__}: {error}"))
        else:
            served = found if name == default else served
            teaching = teaching or found.days
            contenders.append(_contender(name, found, material, target, unripe))
    if teaching and not unripe:
        contenders += _baselines(material, target, teaching)
    return Contest(
        day=day,
        target=target,
        contenders=contenders,
        served=None if served is None else served.predicted,
        bounds=None if served is None else served.bounds,
    )


@dataclass(frozen=True, kw_only=True)
class _Forecast:
    """What a version of the day forecast, and what it was made from."""

    predicted: Values
    features: tuple[str, ...]
    ignored: Mapping[str, str]
    days: tuple[int, ...]
    bounds: Bounds | None = None


def _forecast(material: Material, target: Target, name: str, recipe: Recipe) -> _Forecast:
    """By the version of that day, of every client known.

    Raises TooLittleData, ValueError for forecasts that are no finite amounts or no probabilities, and
    whatever else its estimator raises.
    """
    is_served = name == recipe.default(target)
    found = _served(material, target, recipe) if is_served else _refitted(material, target, name)
    if target is Target.PURCHASE and not ((found.predicted >= 0) & (found.predicted <= 1)).all():
        raise ValueError("a forecast is no probability")
    # What was not finite has become the smallest integer.
    if target is Target.SALES and (found.predicted < 0).any():
        raise ValueError("a forecast is not finite")
    return found


def _served(material: Material, target: Target, recipe: Recipe) -> _Forecast:
    """By a whole training, which also learns how wide intervals are."""
    trained = train(
        material,
        target,
        ModelRole.CLIENTS,
        threshold=recipe.threshold,
        currency=recipe.currency,
        estimator=recipe.default(target),
    )
    table = material.examples.features[material.days.as_of]
    predict = predict_sales if target is Target.SALES else predict_purchase
    predicted = predict(trained.pipeline, trained.features, table).astype(np.float64)
    bounds = None if trained.intervals is None else trained.intervals.bounds(predicted, table)
    return _Forecast(
        predicted=predicted,
        features=trained.features,
        ignored=trained.ignored,
        days=trained.served_days,
        bounds=bounds,
    )


def _refitted(material: Material, target: Target, name: str) -> _Forecast:
    """By the fit that a training would end with, without those by which it judges itself."""
    role = ModelRole.KERNEL if name == KERNEL else ModelRole.CLIENTS
    spec = find_estimator(default_estimator(target, role) if name == KERNEL else name, target)
    judge = material.days.judge
    choice = choose_at(material, target, role, judge, rich=spec.rich)
    checked_rows(material, target, role, choice, judge)
    days = tuple(day for day in material.days.served if day in {judge, *choice.days})
    fitted = fit(spec, target, choice.features, days, material.examples.at(days))
    table = material.examples.features[material.days.as_of]
    predict = predict_sales if target is Target.SALES else predict_purchase
    return _Forecast(
        predicted=predict(fitted.pipeline, choice.features, table).astype(np.float64),
        features=choice.features,
        ignored=choice.ignored,
        days=days,
    )


def _contender(
    name: str, found: _Forecast, material: Material, target: Target, unripe: str | None
) -> Contender:
    return Contender(
        name=name,
        windows=() if unripe else (_window(material, target, found.predicted, found.features),),
        reason=unripe,
        features=found.features,
        ignored=found.ignored,
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

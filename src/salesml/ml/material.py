"""The dates of the protocol, and what every model of one as-of date is trained and judged with.

Training at T: the judge is J = T - 30, the newest date whose 30-day label has matured at T. Metrics come
from a fit on J - 30, J - 60, ...; the version that serves is fitted anew, with the same recipe, on T - 30,
T - 60, ... No label looks beyond T. The origins are the judge and the dates before it at which the
recipe is tried in the same way.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from salesml.core.activity import Coverage
from salesml.core.models import ModelRole, Target
from salesml.ml import sufficiency
from salesml.ml.examples import Examples, load_examples
from salesml.ml.features.definitions import ALL_FEATURES, CLIENT_FEATURES, PURCHASE_INPUTS, SALES_INPUTS
from salesml.ml.features.engine import Resources
from salesml.ml.features.engine import first_day as first_order_day
from salesml.ml.features.rich import RICH_FEATURES
from salesml.ml.history import History
from salesml.ml.selection import Selection, choose
from salesml.ml.sufficiency import MIN_HISTORY_DAYS, STEP_DAYS

MAX_DATES = 12
MAX_ORIGINS = 3

ROLE_FEATURES: Mapping[tuple[Target, ModelRole], tuple[str, ...]] = {
    (Target.SALES, ModelRole.KERNEL): tuple(SALES_INPUTS),
    (Target.PURCHASE, ModelRole.KERNEL): tuple(PURCHASE_INPUTS),
    (Target.SALES, ModelRole.CLIENTS): tuple(CLIENT_FEATURES),
    (Target.PURCHASE, ModelRole.CLIENTS): tuple(CLIENT_FEATURES),
}


@dataclass(frozen=True, kw_only=True)
class TrainingDays:
    """Epoch days: `judge` is the newest origin, `earliest` the first day that may be a training date."""

    as_of: int
    judge: int
    earliest: int

    def before(self, origin: int) -> tuple[int, ...]:
        """Training dates of a fit that is judged at the origin, newest first."""
        return tuple(range(origin - STEP_DAYS, self.earliest - 1, -STEP_DAYS)[:MAX_DATES])

    @property
    def fit(self) -> tuple[int, ...]:
        """What the judged fit learns from."""
        return self.before(self.judge)

    @property
    def served(self) -> tuple[int, ...]:
        """What the version that serves learns from."""
        return self.before(self.as_of)

    @property
    def origins(self) -> tuple[int, ...]:
        """The judge, and up to MAX_ORIGINS - 1 older dates that have something to learn from."""
        days = (self.judge - STEP_DAYS * number for number in range(MAX_ORIGINS))
        return tuple(day for day in days if day == self.judge or self.before(day))

    @property
    def labelled(self) -> frozenset[int]:
        """Dates whose labels are needed; all have matured at the as-of date."""
        learned = {day for origin in self.origins for day in self.before(origin)}
        return frozenset({*self.origins, *self.served, *learned})


@dataclass(frozen=True, kw_only=True)
class Material:
    """What every model of one as-of date is trained from."""

    days: TrainingDays
    examples: Examples
    coverage: Mapping[str, Coverage]


def training_days(first_day: int, as_of_day: int) -> TrainingDays:
    """The dates of the protocol; each training date has 30 days of history and a matured label."""
    return TrainingDays(as_of=as_of_day, judge=as_of_day - STEP_DAYS, earliest=first_day + MIN_HISTORY_DAYS)


def checked_days(history: History, as_of_day: int) -> TrainingDays:
    """The dates for this history. Raises TooLittleData, in numbers, when there is no training date."""
    first = sufficiency.check_history(history, first_order_day(history), as_of_day)
    return training_days(first, as_of_day)


def prepare(
    history: History,
    as_of_day: int,
    resources: Resources | None = None,
    *,
    wanted: Sequence[str] = ALL_FEATURES,
) -> Material:
    """Compute once what the models of all targets and roles at one as-of date learn from: the wanted
    features, among them those of the kernel.

    Raises TooLittleData when the history is too short.
    """
    days = checked_days(history, as_of_day)
    examples = load_examples(
        history,
        feature_days=days.labelled | {as_of_day},
        label_days=days.labelled,
        wanted=wanted,
        resources=resources,
    )
    return Material(days=days, examples=examples, coverage=history.coverage)


def choose_features(material: Material, wanted: Sequence[str], origin: int | None = None) -> Selection:
    """Which of the wanted features are known and vary, and why the others are left out.

    They must be known at the origin (the judge, unless another is named) and at the as-of date.
    """
    days = material.days
    judge = days.judge if origin is None else origin
    return choose(
        material.examples.features,
        wanted,
        fit_days=days.before(judge),
        needed_days=(judge, days.as_of),
        coverage=material.coverage,
    )


def choose_at(
    material: Material, target: Target, role: ModelRole, origin: int, *, rich: bool = False
) -> Selection:
    """The features of a role at an origin, with `rich` all that describe stored clients.

    Raises TooLittleData when none is left.
    """
    wanted = ROLE_FEATURES[target, role]
    if rich and role is ModelRole.CLIENTS:
        wanted += RICH_FEATURES
    choice = choose_features(material, wanted, origin)
    sufficiency.check_features(target, role, choice.features, material.days.as_of)
    return choice

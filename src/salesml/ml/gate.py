"""Who answers from now on: the rule by which a new version replaces the champion, or does not.

Recipes are compared as they would have forecast the same past dates, each fitted on what was known then.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from salesml.core.models import Decision, Verdict
from salesml.ml.rolling import Values, Window, deciding, score

TOLERANCE = 0.02
"""How much worse a retrain may be on the newest matured window: chance moves one window by more than that
only rarely, a broken import does at once."""
DRAWS = 500
_NUMBERS_AT_ONCE = 5_000_000
_SEED = 20_261_122


@dataclass(frozen=True, kw_only=True)
class Gain:
    """By how much the deciding metric falls, in its own unit, with the 95 % interval; above 0 is better.

    `loss` and `loss_before` are the metric of the new and of the old recipe on the same rows.
    """

    loss: float
    loss_before: float
    point: float
    lower: float
    upper: float
    windows: int
    clients: int


def first() -> Decision:
    """There is no champion: a valid version answers at once."""
    return Decision(promoted=True, code=Verdict.FIRST)


def older(champion_day: str) -> Decision:
    """A version that knows less than the champion never replaces it by itself."""
    return Decision(promoted=False, code=Verdict.OLDER_DATA, values={"day": champion_day})


def changed() -> Decision:
    """The champion it was compared with does not answer any more."""
    return Decision(promoted=False, code=Verdict.CHANGED)


def leaking(feature: str, values: Mapping[str, float | int | str]) -> Decision:
    """A suspected leak blocks a promotion, whatever the scores say."""
    return Decision(promoted=False, code=Verdict.LEAK, values={"feature": feature, **values})


def retrain(new: Window, champion: Window | None, exponent: int) -> Decision:
    """The champion's own recipe, trained again: promoted unless it became worse by more than TOLERANCE.

    Both are measured at the newest matured window, `champion` by the version that answers now. It is None
    where that version has learned from the window itself: then the recipe, refitted at the window's date,
    is the new fit, and cannot be worse than itself.
    """
    if champion is None:
        return Decision(promoted=True, code=Verdict.SAME_RECIPE)
    now, before = score([new], exponent), score([champion], exponent)
    values = {"loss": now, "loss_before": before, "tolerance": TOLERANCE}
    if now > before * (1 + TOLERANCE):
        return Decision(promoted=False, code=Verdict.RETRAIN_WORSE, values=values)
    return Decision(promoted=True, code=Verdict.RETRAIN_HOLDS, values=values)


def challenge(new: Sequence[Window], champion: Sequence[Window], exponent: int) -> Decision:
    """Another recipe: promoted only when the 95 % interval of its gain lies above zero."""
    found = gain(new, champion, exponent)
    values: dict[str, float | int | str] = dict(vars(found))
    if found.lower > 0:
        return Decision(promoted=True, code=Verdict.BETTER, values=values)
    return Decision(promoted=False, code=Verdict.NOT_PROVEN, values=values)


def gain(new: Sequence[Window], before: Sequence[Window], exponent: int) -> Gain:
    """Bootstrap by client of the difference between two recipes on the windows that both have.

    A client's rows at all dates are drawn together, since they are not independent (cluster bootstrap:
    Davison & Hinkley, Bootstrap Methods and their Application, 1997, section 3.8); the interval is the
    percentile one. Raises ValueError without a common window.
    """
    pairs = _common(new, before)
    if not pairs:
        raise ValueError("the recipes have no window in common")
    target = pairs[0][0].target
    clients, place = np.unique(np.concatenate([one.clients for one, _ in pairs]), return_inverse=True)
    sums = _per_client(len(clients), place, [_losses(pair, exponent) for pair in pairs])
    means = _drawn_means(sums)
    drawn = np.quantile(deciding(target, means[:, 1]) - deciding(target, means[:, 0]), [0.025, 0.975])
    totals = sums.sum(axis=0)
    loss, loss_before = (float(deciding(target, totals[column] / totals[2])) for column in (0, 1))
    return Gain(
        loss=loss,
        loss_before=loss_before,
        point=loss_before - loss,
        lower=float(drawn[0]),
        upper=float(drawn[1]),
        windows=len(pairs),
        clients=len(clients),
    )


def _common(new: Sequence[Window], before: Sequence[Window]) -> list[tuple[Window, Window]]:
    known = {window.day: window for window in before}
    return [(window, known[window.day]) for window in new if window.day in known]


def _losses(pair: tuple[Window, Window], exponent: int) -> tuple[Values, Values]:
    return pair[0].losses(exponent), pair[1].losses(exponent)


def _per_client(count: int, place: NDArray[np.intp], losses: Sequence[tuple[Values, Values]]) -> Values:
    """Shape (clients, 3): both sums of losses, and the number of rows."""
    columns = [np.concatenate([pair[side] for pair in losses]) for side in (0, 1)]
    sums = [np.bincount(place, weights=each, minlength=count) for each in columns]
    return np.column_stack([*sums, np.bincount(place, minlength=count)])


def _drawn_means(sums: Values) -> Values:
    """Mean losses of DRAWS samples of as many clients, drawn with replacement; shape (DRAWS, 2)."""
    random = np.random.default_rng(_SEED)
    size = max(1, _NUMBERS_AT_ONCE // len(sums))
    means = []
    for start in range(0, DRAWS, size):
        # Poisson(1) weights are the bootstrap's for many clients, without a draw of every index.
        weights = random.poisson(1.0, (min(size, DRAWS - start), len(sums)))
        drawn = weights.astype(np.float64) @ sums
        means.append(drawn[:, :2] / np.maximum(drawn[:, 2:], 1.0))
    return np.concatenate(means)

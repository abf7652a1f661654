"""The leakage alarm: scores too good to be true, and the feature that they come from.

A leak is a column that knows what came after its as-of date: visits that were counted when the order was
booked, a date of registration that is the day of the first invoice. It wins every backtest, and is worth
nothing on the day it is needed (Kaufman, Rosset, Perlich & Stitelman, ACM TKDD 6, 2012).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.metrics import roc_auc_score

from salesml.ml.examples import Rows, column
from salesml.ml.rolling import Values, Window

ALONE = 0.98
"""No honest column separates buyers from others so well by itself."""
FALL = 0.10
SURE = 4.0
"""A fall of the AUC counts when it is larger than FALL and than so many standard errors."""
MIN_OF_EACH = 10


@dataclass(frozen=True, kw_only=True)
class Suspicion:
    """`feature` and its AUC. With `before`, the mean of older windows, its fall is what is suspicious."""

    feature: str
    auc: float
    before: float | None = None


def suspect(windows: Sequence[Window]) -> Suspicion | None:
    """Look at a recipe's windows, the newest first; None when nothing is suspicious.

    Buyers are the clients with sales above 0, or with a purchase, after the window's date. A window with
    fewer than MIN_OF_EACH buyers, or others, says nothing.
    """
    judged = [window for window in windows if _is_telling(_bought(window))]
    if not judged:
        return None
    return _alone(judged[0]) or _falls(judged)


def separation(rows: Rows, feature: str, bought: Values) -> float:
    """The AUC of a feature alone, from whichever side is better; never-buyers' null recency ranks last."""
    values = column(rows.features, feature)
    filled = np.where(np.isnan(values), np.nanmax(values, initial=0.0) + 1, values)
    auc = float(roc_auc_score(bought, filled))
    return max(auc, 1 - auc)


def _alone(window: Window) -> Suspicion | None:
    bought = _bought(window)
    scores = {name: separation(window.rows, name, bought) for name in window.features}
    best = max(scores, key=lambda name: scores[name], default=None)
    if best is None or scores[best] < ALONE:
        return None
    return Suspicion(feature=best, auc=scores[best])


def _falls(windows: Sequence[Window]) -> Suspicion | None:
    """A recipe that ranked well until the newest window: the feature that lost most is the suspect."""
    newest, older = windows[0], windows[1:]
    if not older:
        return None
    bought = _bought(newest)
    auc = float(roc_auc_score(bought, newest.predicted))
    before = float(np.mean([roc_auc_score(_bought(each), each.predicted) for each in older]))
    fall = before - auc
    if fall < max(FALL, SURE * _standard_error(auc, bought)):
        return None

    def lost(name: str) -> float:
        earlier = [separation(each.rows, name, _bought(each)) for each in older if name in each.features]
        return float(np.mean(earlier)) - separation(newest.rows, name, bought) if earlier else 0.0

    return Suspicion(feature=max(newest.features, key=lost), auc=auc, before=before)


def _bought(window: Window) -> Values:
    return (window.rows.label(window.target) > 0).astype(np.float64)


def _is_telling(bought: Values) -> bool:
    buyers = int(bought.sum())
    return min(buyers, len(bought) - buyers) >= MIN_OF_EACH


def _standard_error(auc: float, bought: Values) -> float:
    """Hanley & McNeil, Radiology 143 (1982)."""
    buyers = float(bought.sum())
    others = len(bought) - buyers
    q1, q2 = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    variance = auc * (1 - auc) + (buyers - 1) * (q1 - auc**2) + (others - 1) * (q2 - auc**2)
    return float(np.sqrt(max(variance, 0.0) / (buyers * others)))

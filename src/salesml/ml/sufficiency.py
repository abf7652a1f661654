"""How much data a model needs, and what is missing, in numbers."""

from collections.abc import Sequence

import numpy as np
import pyarrow.compute as pc

from salesml.core.days import date_of
from salesml.core.errors import TooLittleData
from salesml.core.models import HORIZON_DAYS, ModelRole, Target
from salesml.ml.examples import Rows
from salesml.ml.features.definitions import CLIENT_FEATURES
from salesml.ml.history import History

STEP_DAYS = 30
MIN_HISTORY_DAYS = 30
NEEDED_DAYS = 2 * STEP_DAYS + MIN_HISTORY_DAYS
"""Days from the first order to the as-of date: a month of history, one to learn and one to judge by."""
MIN_POSITIVES = 50
POSITIVES_PER_FEATURE = 10
"""Events per variable after Peduzzi et al., Journal of Clinical Epidemiology 49 (1996)."""
MIN_JUDGE_POSITIVES = 10

_POSITIVE = {
    Target.SALES: "with sales above 0 in the 30 days after",
    Target.PURCHASE: "with a purchase in the 14 days after",
}
_ACTIVITY = "visits, newsletter opens, ad clicks or time on site"


def check_history(history: History, first_day: int | None, as_of_day: int) -> int:
    """The first day again. Raises TooLittleData unless it lies NEEDED_DAYS before the as-of date, and the
    month before that date, which judges, has an order at all."""
    if first_day is None or first_day > as_of_day:
        raise TooLittleData(
            f"no orders up to {date_of(as_of_day)}: training needs {NEEDED_DAYS} days of orders"
        )
    seen = history.orders.filter(pc.field("day") <= as_of_day)
    if as_of_day - first_day < NEEDED_DAYS:
        clients = pc.count_distinct(seen["client_id"]).as_py()
        raise TooLittleData(
            f"training needs {NEEDED_DAYS} days between the first order and the as-of date, there are "
            f"{as_of_day - first_day} ({date_of(first_day)} to {date_of(as_of_day)}; "
            f"{_count(seen.num_rows, 'order')} of {_count(clients, 'client')})"
        )
    last_day = pc.max(seen["day"]).as_py()
    if last_day <= as_of_day - STEP_DAYS:
        raise TooLittleData(
            f"no orders in the {STEP_DAYS} days up to {date_of(as_of_day)}: the last one is of "
            f"{date_of(last_day)}; models are judged by that month"
        )
    return first_day


def check_features(target: Target, role: ModelRole, features: Sequence[str], as_of_day: int) -> None:
    """Raises TooLittleData when none of the role's features is left."""
    if not features:
        cure = f"it needs at least one of {_ACTIVITY}; import activity"
        raise TooLittleData(
            f"{role} {target} model: none of its features is known and varies up to {date_of(as_of_day)}"
            + (f": {cure}" if target is Target.PURCHASE else "")
        )


def check_training(
    target: Target, role: ModelRole, rows: Rows, days: Sequence[int], features: Sequence[str]
) -> None:
    """Raises TooLittleData unless the training rows have enough positives for the features in use.

    Rich features do not count: what reads them is held by penalties.
    """
    found = positives(target, rows)
    kernel = [name for name in features if name in CLIENT_FEATURES]
    per_feature = POSITIVES_PER_FEATURE * len(kernel) if target is Target.PURCHASE else 0
    needed = max(MIN_POSITIVES, per_feature)
    if found < needed:
        clients = len(np.unique(rows.features["client_id"].to_numpy()))
        rule = (
            f" ({POSITIVES_PER_FEATURE} for each of {len(kernel)} features)" if per_feature == needed else ""
        )
        raise TooLittleData(
            f"{role} {target} model: training needs {needed} rows {_POSITIVE[target]}{rule}, "
            f"there are {found} among {_count(clients, 'client')} at {_count(len(days), 'training date')} "
            f"({date_of(min(days))} to {date_of(max(days))}); more history or more buyers are needed"
        )


def check_judge(target: Target, role: ModelRole, rows: Rows, day: int) -> None:
    """Raises TooLittleData unless the judge date has buyers enough, and clients who did not buy."""
    if target is not Target.PURCHASE:
        return
    found, clients = positives(target, rows), len(rows.bought)
    if found < MIN_JUDGE_POSITIVES:
        raise TooLittleData(
            f"{role} {target} model: judging needs {MIN_JUDGE_POSITIVES} clients {_POSITIVE[target]} "
            f"{date_of(day)}, there are {found} of {_count(clients, 'client')}"
        )
    if found == clients:
        raise TooLittleData(
            f"{role} {target} model: all {_count(clients, 'client')} bought within "
            f"{HORIZON_DAYS[target]} days after {date_of(day)}; judging needs at least 1 who did not"
        )


def positives(target: Target, rows: Rows) -> int:
    """Rows with sales above 0, or with a purchase."""
    return int(np.count_nonzero(rows.label(target) > 0))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"

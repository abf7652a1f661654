from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest

from salesml.core.models import Target
from salesml.ml.bootstrap import resampling
from salesml.ml.examples import Rows
from salesml.ml.league import Contender, Standing, Table, Terms, pooled, table
from salesml.ml.rolling import Window

CLIENTS = 400
TERMS = Terms(threshold=0.5, exponent=2, default="house")
RNG = np.random.default_rng(5)
SPENT = np.where(RNG.random((2, CLIENTS)) < 0.3, RNG.integers(1_000, 9_000, (2, CLIENTS)), 0)


def window(day: int, error: float, target: Target = Target.SALES) -> Window:
    """Forecasts of one date that miss what happened by more, the larger `error` is."""
    spent = SPENT[day]
    missed = np.random.default_rng(day).normal(0, 1, CLIENTS)
    rows = Rows(
        features=pa.table({"client_id": pa.array(range(CLIENTS), pa.int64())}),
        sales=spent,
        bought=(spent > 0).astype(np.int8),
    )
    if target is Target.SALES:
        predicted = np.maximum(np.rint(spent + error * missed), 0.0)
    else:
        predicted = np.clip(np.where(spent > 0, 1 - error, error), 0.01, 0.99)
    return Window(day=day, target=target, rows=rows, predicted=predicted, features=())


def contender(name: str, *windows: Window, is_baseline: bool = False, reason: str | None = None) -> Contender:
    return Contender(name=name, windows=windows, is_baseline=is_baseline, reason=reason)


def judge(contenders: Sequence[Contender], target: Target = Target.SALES) -> Table:
    drawn = resampling([np.arange(CLIENTS)], draws=50)
    return table(target, (0,), contenders, drawn, TERMS)


def named(found: Table, name: str) -> Standing:
    return next(one for one in found.standings if one.contender.name == name)


@pytest.mark.parametrize(
    ("target", "errors"), [(Target.SALES, (900, 300, 600)), (Target.PURCHASE, (0.4, 0.1, 0.2))]
)
def test_the_best_comes_first_and_who_failed_last(target: Target, errors: tuple[float, ...]) -> None:
    names = ("house", "better", "naive")
    contenders = [contender("late", reason="too little data")] + [
        contender(name, window(0, error, target), is_baseline=name == "naive")
        for name, error in zip(names, errors, strict=True)
    ]
    found = judge(contenders, target)
    assert [one.contender.name for one in found.standings] == ["better", "naive", "house", "late"]
    assert [one.is_best for one in found.standings] == [True, False, False, False]
    assert [one.verdict for one in found.standings] == [None, None, "not better than naive", None]
    assert named(found, "late").reason == "too little data"


def test_a_difference_tells_by_how_much_a_model_beats_the_default() -> None:
    found = judge([contender("house", window(0, 900)), contender("better", window(0, 300))])
    ours, house = named(found, "better"), named(found, "house")
    assert ours.metrics is not None
    assert house.metrics is not None
    assert house.difference is None
    assert ours.difference is not None
    assert ours.difference.point == float(str(ours.metrics["rmse"])) - float(str(house.metrics["rmse"])) < 0
    low, high = ours.difference.interval or (0, 0)
    assert low < ours.difference.point < high < 0


def test_an_interval_holds_the_value() -> None:
    (house,) = judge([contender("house", window(0, 900))]).standings
    for name, found in house.intervals.items():
        assert found is not None
        assert found[0] <= float(str((house.metrics or {})[name])) <= found[1]


def test_dates_are_taken_together_only_where_a_model_was_judged_at_all_of_them() -> None:
    both = [
        [contender("house", window(0, 900)), contender("shaky", window(0, 300))],
        [contender("house", window(1, 900)), contender("shaky", reason="failed: ValueError")],
        [contender("house", reason="unripe"), contender("shaky", reason="unripe")],
    ]
    house, shaky = pooled(both)
    assert [each.day for each in house.windows] == [0, 1]
    assert shaky.windows == ()
    assert shaky.reason == "judged at 1 of 2 dates: failed: ValueError"
    assert judge([house]).rows == 2 * CLIENTS


def test_without_a_judged_date_the_reason_is_that_of_the_last_one() -> None:
    early, late = contender("house", reason="too little data"), contender("house", reason="unripe")
    assert [one.reason for one in pooled([[early], [late]])] == ["unripe"]
    assert judge(pooled([[early], [late]])).rows == 0

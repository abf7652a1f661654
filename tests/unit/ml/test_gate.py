from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest

from salesml.core.models import Target, Verdict
from salesml.ml import gate
from salesml.ml.examples import Rows
from salesml.ml.rolling import Values, Window, score

CLIENTS = 400


def window(
    predicted: Values, actual: Values, *, day: int = 100, target: Target = Target.SALES, first_id: int = 0
) -> Window:
    ids = pa.array(np.arange(first_id, first_id + len(actual)), pa.int64())
    rows = Rows(
        features=pa.table({"client_id": ids}),
        sales=actual.astype(np.int64),
        bought=(actual > 0).astype(np.int8),
    )
    return Window(day=day, target=target, rows=rows, predicted=predicted, features=())


def months(noise: float, *, seed: int, days: Sequence[int] = (100, 70, 40)) -> list[Window]:
    """Forecasts of the same truth, off by normal noise of so many major units."""
    truth, random = np.random.default_rng(1), np.random.default_rng(seed)
    actual = {day: truth.gamma(2.0, 5_000, CLIENTS) for day in days}
    return [
        window(actual[day] + random.normal(0, noise * 100, CLIENTS), actual[day], day=day) for day in days
    ]


def test_losses_are_squared_major_units_or_nats() -> None:
    sales = window(np.array([1_000.0, 0.0]), np.array([500.0, 200.0]))
    assert sales.losses(2).tolist() == [25.0, 4.0]
    assert score([sales], 2) == pytest.approx((29 / 2) ** 0.5)
    bought = window(np.array([0.9, 0.0]), np.array([1.0, 1.0]), target=Target.PURCHASE)
    assert bought.losses(2).tolist() == pytest.approx([-np.log(0.9), -np.log(1e-6)])


def test_a_recipe_that_is_surely_better_is_promoted() -> None:
    decision = gate.challenge(months(10, seed=2), months(20, seed=3), 2)
    assert (decision.promoted, decision.code) == (True, Verdict.BETTER)
    assert (
        0
        < float(decision.values["lower"])
        < float(decision.values["point"])
        < float(decision.values["upper"])
    )
    assert decision.values["windows"] == 3
    assert decision.values["clients"] == CLIENTS


def test_a_worse_candidate_is_not_promoted() -> None:
    decision = gate.challenge(months(20, seed=2), months(10, seed=3), 2)
    assert (decision.promoted, decision.code) == (False, Verdict.NOT_PROVEN)
    assert float(decision.values["point"]) < 0


def test_a_gain_that_chance_could_explain_is_not_enough() -> None:
    decision = gate.challenge(months(9.95, seed=2), months(10, seed=3), 2)
    assert (decision.promoted, decision.code) == (False, Verdict.NOT_PROVEN)
    assert float(decision.values["lower"]) < 0 < float(decision.values["upper"])


def test_the_interval_of_a_gain_is_as_wide_as_theory_says() -> None:
    # Mean log loss differences of independent clients: the standard error is that of a mean.
    random = np.random.default_rng(5)
    actual = (random.random(5_000) < 0.3).astype(np.float64)
    old = window(np.full(5_000, 0.3), actual, target=Target.PURCHASE)
    new = window(random.uniform(0.2, 0.5, 5_000), actual, target=Target.PURCHASE)
    found = gate.gain([new], [old], 2)
    differences = old.losses(2) - new.losses(2)
    error = differences.std() / 5_000**0.5
    assert found.point == pytest.approx(differences.mean())
    assert found.upper - found.lower == pytest.approx(2 * 1.96 * error, rel=0.15)


def test_the_months_of_one_client_are_drawn_together() -> None:
    one, two = months(10, seed=2, days=(100,))[0], months(20, seed=3, days=(100,))[0]
    again = [window(each.predicted, each.rows.sales.astype(np.float64), day=70) for each in (one, two)]
    alone, twice = gate.gain([one], [two], 2), gate.gain([one, again[0]], [two, again[1]], 2)
    assert (twice.lower, twice.upper) == pytest.approx((alone.lower, alone.upper))


def test_only_common_windows_are_compared_and_one_there_must_be() -> None:
    new, old = months(10, seed=2, days=(100, 70)), months(20, seed=3, days=(70, 40))
    assert gate.gain(new, old, 2).windows == 1
    with pytest.raises(ValueError, match="no window in common"):
        gate.gain(new[:1], old, 2)


def test_the_same_comparison_twice_gives_the_same_interval() -> None:
    new, old = months(10, seed=2), months(11, seed=3)
    assert gate.gain(new, old, 2) == gate.gain(new, old, 2)


@pytest.mark.parametrize(
    ("noise", "expected"),
    [(10, Verdict.RETRAIN_HOLDS), (5, Verdict.RETRAIN_HOLDS), (11, Verdict.RETRAIN_WORSE)],
)
def test_a_retrain_may_be_two_per_cent_worse_but_no_more(noise: float, expected: Verdict) -> None:
    decision = gate.retrain(months(noise, seed=2)[0], months(10, seed=2)[0], 2)
    assert decision.code is expected
    assert decision.promoted is (expected is Verdict.RETRAIN_HOLDS)


def test_a_retrain_that_shares_its_window_with_the_champion_is_the_same_recipe() -> None:
    assert gate.retrain(months(10, seed=2)[0], None, 2).code is Verdict.SAME_RECIPE

import json

import numpy as np
import pyarrow as pa
import pytest

from salesml.core.intervals import COVERAGE, TAIL
from salesml.core.models import Target
from salesml.ml import intervals
from salesml.ml.examples import Rows
from salesml.ml.intervals import Intervals
from salesml.ml.rolling import Values, Window


def month(day: int, *, clients: int = 4_000, seed: int = 1, buyers: float = 0.3) -> Window:
    """Clients of very different chances and baskets, forecast by their true expectation."""
    random = np.random.default_rng(seed * 1_000 + day)
    chance = random.beta(buyers * 2, (1 - buyers) * 2, clients)
    basket = np.exp(random.normal(9, 1, clients))
    bought = random.random(clients) < chance
    actual = np.rint(np.where(bought, basket * np.exp(random.normal(-0.125, 0.5, clients)), 0))
    return window(day, chance * basket, actual, basket)


def window(day: int, predicted: Values, actual: Values, basket: Values) -> Window:
    count = len(actual)
    features = pa.table(
        {
            "client_id": pa.array(np.arange(count), pa.int64()),
            "average_basket_value": basket,
            "days_since_last_purchase": pa.array([None, *np.full(count - 1, 20.0)], pa.float64()),
            "tenure_months": np.full(count, 12.0),
            "purchases_30d": np.ones(count),
        }
    )
    rows = Rows(features=features, sales=actual.astype(np.int64), bought=(actual > 0).astype(np.int8))
    return Window(day=day, target=Target.SALES, rows=rows, predicted=predicted, features=())


def fitted() -> Intervals:
    found = intervals.fit([month(100), month(70), month(40)])
    assert found is not None
    return found


@pytest.mark.parametrize("buyers", [0.1, 0.3, 0.6])
def test_a_tenth_of_the_bounds_above_zero_is_exceeded_in_a_month_not_seen(buyers: float) -> None:
    found = intervals.fit([month(day, buyers=buyers) for day in (100, 70, 40)])
    assert found is not None
    measured = intervals.measure(found, month(130, buyers=buyers), 2)
    assert measured["above"] == pytest.approx(TAIL, abs=0.025)
    assert float(measured["bought_at_zero"] or 0) < TAIL


def test_every_fifth_of_the_forecasts_is_covered() -> None:
    found, judged = fitted(), month(130, clients=20_000)
    _, upper = found.bounds(judged.predicted, judged.rows.features)
    order = np.argsort(judged.predicted)
    for part in np.array_split(order[upper[order] > 0], 5):
        assert (judged.rows.sales[part] > upper[part]).mean() == pytest.approx(TAIL, abs=0.03)


def test_who_buys_nothing_with_more_than_a_tenth_of_chance_has_no_lower_bound() -> None:
    judged = month(130)
    lower, upper = fitted().bounds(judged.predicted, judged.rows.features)
    rare = judged.predicted / judged.rows.features["average_basket_value"].to_numpy() < 0.8
    assert not lower[rare].any()
    assert (lower <= upper).all()
    assert (lower >= 0).all()


def test_intervals_beat_one_width_for_everyone() -> None:
    found, judged = fitted(), month(130)
    width = np.quantile(np.abs(judged.rows.sales - judged.predicted), COVERAGE)
    lower, upper = np.maximum(judged.predicted - width, 0), judged.predicted + width
    missed = np.maximum(lower - judged.rows.sales, 0) + np.maximum(judged.rows.sales - upper, 0)
    constant = float((upper - lower + missed / TAIL).mean()) / 100
    assert float(intervals.measure(found, judged, 2)["score"] or 0) < 0.8 * constant


def test_a_forecast_beyond_all_that_was_seen_moves_its_bounds_in_proportion() -> None:
    judged = month(130)
    table = judged.rows.features.slice(5, 1)
    most = np.array([max(month(day).predicted.max() for day in (100, 70, 40))])
    one, ten = (fitted().bounds(most * factor, table)[1][0] for factor in (1, 10))
    assert ten == pytest.approx(10 * one, rel=1e-3)


def test_intervals_survive_their_record() -> None:
    found, judged = fitted(), month(130)
    again = intervals.from_json(json.loads(json.dumps(intervals.to_json(found))))
    assert again == found
    for before, after in zip(
        found.bounds(judged.predicted, judged.rows.features),
        again.bounds(judged.predicted, judged.rows.features),
        strict=True,
    ):
        assert before.tolist() == after.tolist()


def test_the_same_windows_give_the_same_intervals() -> None:
    assert fitted() == fitted()


def test_too_few_rows_or_buyers_give_no_intervals() -> None:
    assert intervals.fit([month(100, clients=150)]) is None
    quiet = month(100)
    nobody = window(100, quiet.predicted, np.zeros(4_000), np.ones(4_000))
    assert intervals.fit([nobody]) is None


def test_a_month_of_refunds_counts_as_no_sales() -> None:
    judged = month(100)
    refunded = np.where(np.arange(4_000) % 7 == 0, -500.0, judged.rows.sales)
    basket = judged.rows.features["average_basket_value"].to_numpy()
    found = intervals.fit([window(100, judged.predicted, refunded, basket)])
    assert found is not None
    lower, _ = found.bounds(judged.predicted, judged.rows.features)
    assert (lower >= 0).all()


def test_the_interval_score_by_hand() -> None:
    # Both bounds are 0 for a client whose forecast says nothing; 20.00 sold are 20 / 0.1 missed.
    judged = window(130, np.zeros(3), np.array([0.0, 0.0, 2_000.0]), np.full(3, 10.0))
    measured = intervals.measure(fitted(), judged, 2)
    lower, upper = fitted().bounds(judged.predicted, judged.rows.features)
    assert (lower.tolist(), upper.tolist()) == ([0, 0, 0], [0, 0, 0])
    assert measured == {
        "coverage": pytest.approx(2 / 3),
        "above": None,
        "bounded": 0,
        "bought_at_zero": pytest.approx(1 / 3),
        "score": pytest.approx(200 / 3),
    }

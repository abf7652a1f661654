import numpy as np
import pyarrow as pa
import pytest

from salesml.core.models import Target
from salesml.ml.calibration import MIN_BUYERS, calibration, reliability
from salesml.ml.examples import Rows
from salesml.ml.rolling import Values, Window

RANDOM = np.random.default_rng(4)


def window(probability: Values, bought: Values) -> Window:
    rows = Rows(
        features=pa.table({"client_id": np.arange(len(bought))}),
        sales=np.zeros(len(bought), dtype=np.int64),
        bought=bought.astype(np.int8),
    )
    return Window(day=100, target=Target.PURCHASE, rows=rows, predicted=probability, features=())


def drawn(count: int, shift: float = 0.0) -> Window:
    chance = RANDOM.uniform(0.05, 0.4, count)
    return window(np.clip(chance + shift, 0, 1), (RANDOM.random(count) < chance).astype(np.float64))


def test_probabilities_that_come_true_are_supported() -> None:
    found = calibration([drawn(4_000), drawn(4_000)])
    assert found.reason is None
    assert found.error < 0.03
    assert sum(point["clients"] for point in found.bins) == 8_000


def test_probabilities_that_are_off_only_rank() -> None:
    found = calibration([drawn(4_000, shift=0.1)])
    assert found.reason == "off"
    assert found.values == {"error": found.error, "allowed": 0.05}


def test_few_buyers_cannot_support_probabilities() -> None:
    found = calibration([drawn(100)])
    assert found.reason == "few_buyers"
    assert found.values["buyers"] < MIN_BUYERS


def test_the_diagram_has_a_point_for_every_tenth_with_its_interval() -> None:
    points = reliability(np.array([0.0, 1.0] * 10), np.linspace(0.1, 0.9, 20), bins=2)
    assert [point["observed"] for point in points] == [0.5, 0.5]
    assert points[0]["stated"] == pytest.approx(np.linspace(0.1, 0.9, 20)[:10].mean())
    # The exact binomial interval of 5 out of 10.
    assert points[0]["lower"] == pytest.approx(0.187, abs=0.001)
    assert points[0]["upper"] == pytest.approx(0.813, abs=0.001)


def test_nobody_and_everybody_have_intervals_that_end_at_none_and_all() -> None:
    nobody, everybody = reliability(np.array([0.0] * 10 + [1.0] * 10), np.arange(20) / 20, bins=2)
    assert (nobody["lower"], everybody["upper"]) == (0.0, 1.0)
    assert nobody["upper"] == pytest.approx(0.308, abs=0.001)

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesml.core.alarms import ALARMING, NOTABLE
from salesml.ml.drift import reference, stability

RANDOM = np.random.default_rng(3)


def table(values: object) -> pa.Table:
    return pa.table({"visits_30d": pa.array(values, pa.float64(), from_pandas=True)})


def test_the_same_clients_have_not_drifted() -> None:
    then = table(RANDOM.gamma(2, 3, 5_000))
    assert stability(reference([then], ["visits_30d"]), then) == {"visits_30d": pytest.approx(0, abs=1e-6)}


def test_other_clients_of_the_same_kind_stay_below_notable() -> None:
    known = reference([table(RANDOM.gamma(2, 3, 5_000))], ["visits_30d"])
    assert stability(known, table(RANDOM.gamma(2, 3, 5_000)))["visits_30d"] < NOTABLE


def test_twice_as_many_visits_are_alarming() -> None:
    known = reference([table(RANDOM.gamma(2, 3, 5_000))], ["visits_30d"])
    assert stability(known, table(2.5 * RANDOM.gamma(2, 3, 5_000)))["visits_30d"] > ALARMING


def test_an_index_by_hand() -> None:
    # Half of the clients moved from the lower to the upper half: shares .5/.5 became .25/.75.
    known = {"visits_30d": {"edges": [1.0], "shares": [0.5, 0.5, 0.0]}}
    index = stability(known, table([0.0, 2.0, 2.0, 2.0]))["visits_30d"]
    assert index == pytest.approx(-0.25 * np.log(0.5) + 0.25 * np.log(1.5))


def test_values_that_became_unknown_are_alarming() -> None:
    known = reference([table(RANDOM.gamma(2, 3, 1_000))], ["visits_30d"])
    assert stability(known, table([np.nan] * 1_000))["visits_30d"] > ALARMING


def test_a_feature_that_is_mostly_zero_has_a_bin_for_it() -> None:
    then = table([0.0] * 900 + [1.0] * 100)
    known = reference([then], ["visits_30d"])
    assert stability(known, table([0.0] * 900 + [1.0] * 100))["visits_30d"] == pytest.approx(0, abs=1e-6)
    assert stability(known, table([0.0] * 500 + [1.0] * 500))["visits_30d"] > ALARMING


@given(st.lists(st.floats(-1e6, 1e6) | st.none(), min_size=1, max_size=50))
def test_shares_add_up_to_all_clients(values: list[float | None]) -> None:
    known = reference([table(values)], ["visits_30d"])["visits_30d"]
    assert sum(known["shares"]) == pytest.approx(1)
    assert len(known["shares"]) == len(known["edges"]) + 2

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pytest

from salesml.core.models import Target
from salesml.ml.examples import Rows
from salesml.ml.leakage import separation, suspect
from salesml.ml.rolling import Values, Window

CLIENTS = 600
RANDOM = np.random.default_rng(7)


def window(
    day: int, features: Mapping[str, Values], bought: Values, predicted: Values | None = None
) -> Window:
    columns = {"client_id": pa.array(np.arange(len(bought)), pa.int64())}
    columns |= {name: pa.array(values, from_pandas=True) for name, values in features.items()}
    rows = Rows(
        features=pa.table(columns), sales=bought.astype(np.int64) * 100, bought=bought.astype(np.int8)
    )
    return Window(
        day=day,
        target=Target.PURCHASE,
        rows=rows,
        predicted=RANDOM.random(len(bought)) if predicted is None else predicted,
        features=tuple(features),
    )


def bought(share: float = 0.2) -> Values:
    return (RANDOM.random(CLIENTS) < share).astype(np.float64)


def honest(label: Values) -> Values:
    """Visits that say something, but not all."""
    return RANDOM.poisson(2 + 2 * label).astype(np.float64)


def test_a_planted_leak_is_caught_and_named() -> None:
    label = bought()
    planted = label * 10 + RANDOM.random(CLIENTS)
    found = suspect([window(100, {"visits_30d": honest(label), "ad_clicks": planted}, label)])
    assert found is not None
    assert found.feature == "ad_clicks"
    assert found.auc == 1.0
    assert found.before is None


def test_a_leak_that_points_the_other_way_is_caught_as_well() -> None:
    label = bought()
    found = suspect([window(100, {"ad_clicks": -label}, label)])
    assert found is not None
    assert found.auc == 1.0


def test_honest_features_raise_no_alarm() -> None:
    months = []
    for day in (100, 70, 40):
        label = bought()
        visits = honest(label)
        months.append(window(day, {"visits_30d": visits}, label, predicted=visits))
    assert suspect(months) is None


def test_a_score_that_falls_on_the_newest_window_names_the_feature_that_lost_most() -> None:
    months = []
    for day in (100, 70, 40):
        label = bought()
        visits = honest(label)
        clicks = honest(label) + (3 * label if day < 100 else -1 * label)
        months.append(window(day, {"visits_30d": visits, "ad_clicks": clicks}, label, predicted=clicks))
    found = suspect(months)
    assert found is not None
    assert found.feature == "ad_clicks"
    assert found.before is not None
    assert found.before - found.auc > 0.1


def test_a_fall_that_few_buyers_could_explain_is_no_alarm() -> None:
    label = np.array([1.0] * 12 + [0.0] * 40)
    newest = window(100, {"visits_30d": RANDOM.random(52)}, label, predicted=RANDOM.random(52))
    older = window(70, {"visits_30d": RANDOM.random(52)}, label, predicted=0.4 * label + RANDOM.random(52))
    assert suspect([newest, older]) is None


@pytest.mark.parametrize("buyers", [0, 9, 591, 600])
def test_too_few_buyers_or_others_say_nothing(buyers: int) -> None:
    label = np.array([1.0] * buyers + [0.0] * (CLIENTS - buyers))
    assert suspect([window(100, {"ad_clicks": label}, label)]) is None


def test_clients_who_never_bought_rank_behind_the_longest_ago() -> None:
    label = np.array([1.0, 1.0, 0.0, 0.0])
    rows = window(100, {"days_since_last_purchase": np.array([1.0, 2.0, 300.0, np.nan])}, label).rows
    assert separation(rows, "days_since_last_purchase", label) == 1.0

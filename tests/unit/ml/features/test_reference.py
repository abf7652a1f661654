"""The generated SQL gives exactly the numbers of the slow reference, and never looks into the future."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.ml.features.histories import (
    AS_OF,
    Plain,
    merged,
    plains,
    slow_features,
    slow_labels,
    with_longer_coverage,
)

from salesml.ml.features.engine import features, labels

AS_OF_DAYS = st.lists(AS_OF, min_size=1, max_size=3, unique=True).map(sorted)
quick = settings(max_examples=25, deadline=None)


@pytest.mark.slow
@quick
@given(plains(), AS_OF_DAYS)
def test_features_are_those_of_the_reference(plain: Plain, days: list[int]) -> None:
    assert features(plain.history(), days).to_pylist() == slow_features(plain, days)


@pytest.mark.slow
@quick
@given(plains(), AS_OF_DAYS, st.integers(1, 40), st.integers(1, 40))
def test_labels_are_those_of_the_reference(plain: Plain, days: list[int], sales: int, purchase: int) -> None:
    computed = labels(plain.history(), days, sales_horizon=sales, purchase_horizon=purchase)
    assert computed.to_pylist() == slow_labels(plain, days, sales, purchase)


@pytest.mark.slow
@quick
@given(plains(), plains(first_id=100), AS_OF)
def test_no_event_after_a_day_changes_a_feature_of_it(plain: Plain, other: Plain, t: int) -> None:
    changed = with_longer_coverage(merged(plain, other, t), t)
    assert features(changed.history(), [t]).equals(features(plain.history(), [t]))


@pytest.mark.slow
@quick
@given(plains(), plains(first_id=100), AS_OF, st.sampled_from([("bought", 14), ("sales", 30)]))
def test_no_event_after_its_horizon_changes_a_label(
    plain: Plain, other: Plain, t: int, label: tuple[str, int]
) -> None:
    name, horizon = label
    changed = merged(plain, other, t + horizon).history()
    columns = ["as_of_day", "client_id", name]
    assert labels(changed, [t]).select(columns).equals(labels(plain.history(), [t]).select(columns))

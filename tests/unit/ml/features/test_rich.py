"""The rich features: equal to the slow reference, blind to the future, honest about what is not known."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.ml.features.histories import (
    AS_OF,
    DAY,
    DAYS,
    Daily,
    Plain,
    covered,
    merged,
    plains,
    with_longer_coverage,
)
from tests.unit.ml.features.rich_reference import slow_rich

from salesml.core.orders import LedgerEntry, OrderKind
from salesml.ml.features.definitions import ALL_FEATURES, BASELINES, DEFINED, known_features
from salesml.ml.features.engine import features, features_schema
from salesml.ml.features.rich import LAST_YEAR_HISTORY_DAYS, RICH_FEATURES, SEASON_HISTORY_DAYS

T = 1000
quick = settings(max_examples=25, deadline=None)
LONG_AGO = st.one_of(DAYS, st.integers(-700, 100))
NULLABLE = {"days_since_last_purchase", "days_since_first_purchase", "mean_gap_days"}


def rows_at(plain: Plain, days: Sequence[int]) -> list[dict[str, float | None]]:
    table = features(plain.history(), days, wanted=RICH_FEATURES)
    rows: list[dict[str, float | None]] = table.drop_columns([item.name for item in BASELINES]).to_pylist()
    return rows


@pytest.mark.slow
@quick
@given(plains(days=LONG_AGO), st.lists(AS_OF, min_size=1, max_size=2, unique=True).map(sorted))
def test_rich_features_are_those_of_the_reference(plain: Plain, days: list[int]) -> None:
    computed, expected = rows_at(plain, days), slow_rich(plain, days)
    assert len(computed) == len(expected)
    for row, reference in zip(computed, expected, strict=True):
        assert known(row) == pytest.approx(known(reference), rel=1e-9, abs=1e-9)


def known(row: Mapping[str, float | None]) -> dict[str, float]:
    """Without the nulls, which pytest cannot compare roughly."""
    return {name: value for name, value in row.items() if value is not None}


@pytest.mark.slow
@quick
@given(plains(days=LONG_AGO), plains(first_id=100), AS_OF)
def test_no_event_after_a_day_changes_a_rich_feature_of_it(plain: Plain, other: Plain, t: int) -> None:
    changed = with_longer_coverage(merged(plain, other, t), t)
    if plain.orders and min(order.at // DAY for order in plain.orders) <= t:
        assert rows_at(changed, [t]) == rows_at(plain, [t])


def sale(id_: int, day: int, amount: int, kind: OrderKind = OrderKind.SALE) -> LedgerEntry:
    return LedgerEntry(id_, 1, day * DAY, amount, kind, None)


STORY = Plain(
    registered={1: T - 900},
    orders=[
        sale(1, T - 400, 1000),
        sale(2, T - 350, 500),
        sale(3, T - 60, 3000),
        sale(4, T - 60, 1000),
        sale(5, T - 10, 2000),
        sale(6, T - 5, -300, OrderKind.REFUND),
    ],
    activity=[
        Daily(client_id=1, day=T - 20, visits=2),
        Daily(client_id=1, day=T - 40, visits=3, ad_clicks=1),
    ],
    coverage=covered(0, 2000),
)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("purchases_60d", 1),
        ("purchases_90d", 3),
        ("spend_90d", 6000),
        ("purchases_365d", 4),
        ("spend_total", 7500),
        ("decayed_purchases_90d", (80 + 30 + 30) / 90),
        ("decayed_spend_30d", 2000 * 20 / 30),
        ("purchase_days", 4),
        ("purchase_days_90d", 2),
        ("days_since_first_purchase", 400),
        ("mean_gap_days", 130),
        ("gap_deviation_days", ((50**2 + 290**2 + 50**2) / 3 - 130**2) ** 0.5),
        ("recency_over_gap", 10 / 130),
        ("last_day_spend", 2000),
        ("max_basket_value", 3000),
        ("basket_deviation", 1_000_000**0.5 * 0.8**0.5),
        ("returns_365d", 1),
        ("returned_365d", 300),
        ("purchases_last_year", 1),
        ("spend_last_year", 500),
        ("visits_90d", 5),
        ("visit_days_30d", 1),
        ("days_since_last_visit", 20),
        ("ad_clicks_90d", 1),
        ("ad_clicks_7d", 0),
    ],
)
def test_what_a_rich_feature_means(name: str, expected: float) -> None:
    (row,) = rows_at(STORY, [T])
    assert row[name] == pytest.approx(expected)


def test_a_client_without_purchases_has_no_habits() -> None:
    (row,) = rows_at(Plain(registered={1: T - 9}, coverage={}), [T])
    assert [row[name] for name in ("days_since_first_purchase", "mean_gap_days")] == [None, None]
    assert row["purchase_days"] == row["recency_over_gap"] == row["spend_total"] == 0


def test_last_year_and_season_are_unknown_until_the_history_reaches_there() -> None:
    def known(reach: int) -> frozenset[str]:
        return known_features({}, T, T - reach)

    assert {"purchases_last_year", "spend_last_year"} <= known(LAST_YEAR_HISTORY_DAYS)
    assert "spend_last_year" not in known(LAST_YEAR_HISTORY_DAYS - 1)
    assert "day_of_year" in known(SEASON_HISTORY_DAYS)
    assert "day_of_year" not in known(SEASON_HISTORY_DAYS - 1)
    assert "spend_365d" in known(0)


@pytest.mark.parametrize(("first", "known"), [(-400, True), (-300, False), (None, True)])
def test_the_unknown_is_null_for_every_client(first: int | None, known: bool) -> None:
    plain = STORY if first is None else Plain(registered={}, orders=[sale(1, T + first, 9)], coverage={})
    (row,) = rows_at(plain, [T])
    assert (row["spend_last_year"] is not None) is known


def test_one_client_is_told_where_the_orders_of_all_begin() -> None:
    history = Plain(registered={}, orders=[sale(1, T - 3, 9)], coverage={}).history()
    table = features(replace(history, orders_from=T - 800), [T], wanted=RICH_FEATURES)
    assert table["spend_last_year"].to_pylist() == [0]


def test_only_the_wanted_features_are_computed() -> None:
    wanted = ("spend_90d", "visits_7d")
    table = features(STORY.history(), [T], wanted=wanted)
    assert table.schema.equals(features_schema(wanted))
    assert table["spend_90d"].to_pylist() == [6000]


def test_every_feature_is_known_or_null_and_only_some_may_be_null_for_one_client() -> None:
    table = features(STORY.history(), [T], wanted=ALL_FEATURES)
    assert {name for name, item in DEFINED.items() if item.nullable} == NULLABLE
    unknown = {name for name in ALL_FEATURES if table[name].null_count}
    assert unknown == set(ALL_FEATURES) - known_features(STORY.coverage, T, T - 400)

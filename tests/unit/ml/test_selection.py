import pyarrow as pa

from salesml.core.activity import Coverage
from salesml.ml.selection import Selection, choose

NAMES = ("purchases_30d", "visits_30d", "days_since_last_purchase", "tenure_months")
COVERAGE = {"visits": Coverage(metric="visits", first_day=20_575, last_day=20_600)}


def _table(**columns: list[float | None]) -> pa.Table:
    return pa.table({name: pa.array(values, pa.float64()) for name, values in columns.items()})


def _known() -> pa.Table:
    return _table(
        purchases_30d=[1, 2], visits_30d=[3, 4], days_since_last_purchase=[5, None], tenure_months=[1, 2]
    )


def _unknown_visits() -> pa.Table:
    return _table(
        purchases_30d=[1, 2],
        visits_30d=[None, None],
        days_since_last_purchase=[5, None],
        tenure_months=[1, 2],
    )


def _choose(tables: dict[int, pa.Table], fit_days: list[int], needed_days: tuple[int, int]) -> Selection:
    return choose(tables, NAMES, fit_days=fit_days, needed_days=needed_days, coverage=COVERAGE)


def test_dates_are_dropped_for_a_feature_while_three_remain() -> None:
    tables = {day: _known() for day in (9, 8, 7, 6, 5)} | {4: _unknown_visits()}
    choice = _choose(tables, [7, 6, 5, 4], (9, 8))
    assert choice == Selection(features=NAMES, days=(7, 6, 5), ignored={})


def test_a_feature_known_at_fewer_dates_is_ignored_and_no_date_is_dropped() -> None:
    tables = {day: _known() for day in (9, 8, 7, 6)} | {day: _unknown_visits() for day in (5, 4)}
    choice = _choose(tables, [7, 6, 5, 4], (9, 8))
    assert choice.days == (7, 6, 5, 4)
    assert choice.ignored == {
        "visits_30d": "known at 2 of 4 training dates, 3 are needed: "
        "visits is known from 2026-05-02 to 2026-05-27"
    }


def test_with_fewer_than_three_dates_in_all_a_known_feature_is_used() -> None:
    choice = _choose({day: _known() for day in (9, 8, 7)}, [7], (9, 8))
    assert choice.features == NAMES


def test_a_feature_unknown_at_the_as_of_date_is_ignored() -> None:
    tables = {day: _known() for day in (8, 7, 6, 5)} | {9: _unknown_visits()}
    choice = _choose(tables, [7, 6, 5], (9, 8))
    assert choice.ignored == {
        "visits_30d": "unknown at 1970-01-10: visits is known from 2026-05-02 to 2026-05-27"
    }


def test_a_recency_that_is_null_for_some_is_known() -> None:
    assert "days_since_last_purchase" in _choose({day: _known() for day in (9, 8, 7)}, [7], (9, 8)).features


def test_dates_dropped_for_a_feature_that_proves_constant_come_back() -> None:
    constant = _known().set_column(1, "visits_30d", pa.array([3.0, 3.0]))
    tables = dict.fromkeys((9, 8, 7, 6, 5), constant) | {4: _unknown_visits()}
    choice = _choose(tables, [7, 6, 5, 4], (9, 8))
    assert choice.days == (7, 6, 5, 4)
    assert set(choice.ignored) == {"visits_30d"}


def test_constant_features_are_named_so() -> None:
    table = _known().set_column(0, "purchases_30d", pa.array([0.0, 0.0]))
    choice = _choose(dict.fromkeys((9, 8, 7), table), [7], (9, 8))
    assert choice.ignored == {"purchases_30d": "constant in the training data"}
    assert choice.features == NAMES[1:]

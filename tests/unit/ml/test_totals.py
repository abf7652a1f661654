"""Sales of past periods, by who was known when they began."""

import pytest
from hypothesis import given, settings
from tests.unit.ml.features.histories import (
    AS_OF,
    DAY,
    Plain,
    first_seen,
    merged,
    plains,
    void_days,
    with_longer_coverage,
)

from salesml.core.orders import LedgerEntry, OrderKind
from salesml.ml.features.engine import labels
from salesml.ml.totals import PERIOD_DAYS, client_sales, whole_periods

quick = settings(max_examples=25, deadline=None)
COUNT = 3


def slow(plain: Plain, end: int) -> list[tuple[int, int]]:
    """Known and new, period by period, order by order."""
    seen, void = first_seen(plain), void_days(plain)
    sums = []
    for place in range(COUNT):
        last = end - place * PERIOD_DAYS
        first = last - PERIOD_DAYS
        inside = [
            (seen[order.client_id] > first, order.amount)
            for order in plain.orders
            if first < order.at // DAY <= last and void.get(order.id, last + 1) > last
        ]
        known, new = (sum(amount for is_new, amount in inside if is_new is kind) for kind in (False, True))
        sums.append((known, new))
    return sums


@pytest.mark.slow
@quick
@given(plains(), AS_OF)
def test_sales_of_periods_are_those_of_the_reference(plain: Plain, end: int) -> None:
    found = client_sales(plain.history(), {end: COUNT})[end]
    assert list(zip(found.known, found.new, strict=True)) == slow(plain, end)


@pytest.mark.slow
@quick
@given(plains(), plains(first_id=100), AS_OF)
def test_no_event_after_the_last_day_changes_a_period(plain: Plain, other: Plain, end: int) -> None:
    changed = with_longer_coverage(merged(plain, other, end), end)
    assert client_sales(changed.history(), {end: COUNT}) == client_sales(plain.history(), {end: COUNT})


@pytest.mark.slow
@quick
@given(plains(), AS_OF)
def test_sales_of_the_known_are_what_their_labels_add_up_to(plain: Plain, t: int) -> None:
    label = sum(labels(plain.history(), [t])["sales"].to_pylist())
    assert client_sales(plain.history(), {t + PERIOD_DAYS: 1})[t + PERIOD_DAYS].known == (label,)


def test_who_registers_in_a_period_is_new_in_it_and_known_in_the_next() -> None:
    orders = [
        LedgerEntry(1, 7, 135 * DAY, 500, OrderKind.SALE),
        LedgerEntry(2, 7, 165 * DAY, 900, OrderKind.SALE),
    ]
    plain = Plain(registered={7: 131}, orders=orders, coverage={})
    found = client_sales(plain.history(), {190: 2})[190]
    assert (found.known, found.new) == ((900, 0), (0, 500))


@pytest.mark.parametrize(
    ("first", "end", "whole"), [(100, 128, 0), (100, 129, 1), (100, 189, 3), (100, 90, 0)]
)
def test_only_periods_wholly_inside_the_data_count(first: int, end: int, whole: int) -> None:
    assert whole_periods(first, end) == whole

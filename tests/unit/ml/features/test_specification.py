"""What each feature and label means, on histories that a person can check."""

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from tests.unit.ml.features.histories import DAY, Daily, Plain, covered

from salesml.core.activity import METRICS
from salesml.core.orders import LedgerEntry, OrderKind
from salesml.ml.features.definitions import (
    BASELINES,
    CLIENT_FEATURES,
    DEFINITIONS,
    PURCHASE_INPUTS,
    SALES_INPUTS,
    known_features,
)
from salesml.ml.features.engine import (
    FEATURES_SCHEMA,
    LABELS_SCHEMA,
    Resources,
    features,
    first_day,
    labels,
)
from salesml.ml.history import History

T = 1000
ALWAYS = covered(0, 2000)
NOTHING = Plain(registered={}, coverage={})
SALE, CANCELLATION, REFUND, ADJUSTMENT = OrderKind


def order(id_: int, day: int, amount: int, kind: OrderKind = SALE, names: int | None = None) -> LedgerEntry:
    return LedgerEntry(id_, 1, day * DAY, amount, kind, names)


def of_orders(*orders: LedgerEntry) -> Plain:
    return Plain(registered={1: T - 900}, orders=orders, coverage=ALWAYS)


def of_activity(*rows: Daily) -> Plain:
    return Plain(registered={1: T - 900}, activity=rows, coverage=ALWAYS)


def row_at(plain: Plain, day: int = T) -> dict[str, float | None]:
    """Every column of the one client."""
    (row,) = features(plain.history(), [day]).to_pylist()
    return dict(row)


# Two months of a client: two sales, one of them cancelled after five days, a refund, and a gift.
STORY = of_orders(
    order(1, T - 60, 3000),
    order(2, T - 30, 2000),
    order(3, T - 29, 1001),
    order(4, T - 20, 500),
    order(5, T - 15, -500, CANCELLATION),
    order(6, T - 14, -250, REFUND),
    order(7, T - 13, 0),
    order(8, T - 3, 40, ADJUSTMENT),
)


@pytest.mark.parametrize(
    ("name", "at_t", "before_cancelling"),
    [
        ("purchases_30d", 2, 3),
        ("average_basket_value", 6041 / 4, 6501 / 4),
        ("days_since_last_purchase", 3, 4),
        ("has_purchased", 1, 1),
        ("tenure_months", 900 / 30.4375, 884 / 30.4375),
        ("net_sales_30d", 791, 6501 - 3000),
        ("net_sales_total", 5791, 6501),
        ("bought_14d", 1, 1),
    ],
)
def test_features_of_orders(name: str, at_t: float, before_cancelling: float) -> None:
    assert row_at(STORY)[name] == at_t
    assert row_at(STORY, T - 16)[name] == before_cancelling


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("visits_30d", 1 + 2 + 4 + 8),
        ("visits_7d", 1 + 2 + 4),
        ("time_on_site_seconds", 60),
        ("ad_clicks", 3),
        ("newsletter_opened", 1),
    ],
)
def test_features_of_activity(name: str, expected: float) -> None:
    plain = of_activity(
        Daily(client_id=1, day=T, visits=1),
        Daily(client_id=1, day=T, visits=2, seconds_on_site=60),
        Daily(client_id=1, day=T - 6, visits=4, ad_clicks=3),
        Daily(client_id=1, day=T - 7, seconds_on_site=600),
        Daily(client_id=1, day=T - 29, visits=8, newsletter_opens=2),
        Daily(client_id=1, day=T - 30, visits=16, ad_clicks=16, newsletter_opens=0),
    )
    assert row_at(plain)[name] == expected


def test_a_pair_is_void_from_the_day_of_its_cancellation_on() -> None:
    assert [row_at(STORY, day)["purchases_30d"] for day in (T - 16, T - 15, T - 14)] == [3, 2, 2]


def test_a_sale_that_its_cancellation_names_is_void_however_old() -> None:
    row = row_at(of_orders(order(1, T - 60, 9), order(2, T - 1, -9, CANCELLATION, names=1)))
    assert (row["has_purchased"], row["net_sales_30d"], row["net_sales_total"]) == (0, 0, 0)


def test_a_pair_is_not_void_before_both_orders_are_known() -> None:
    plain = of_orders(order(1, T - 5, -9, CANCELLATION, names=2), order(2, T + 3, 9))
    assert [row_at(plain, day)["net_sales_total"] for day in (T, T + 2, T + 3)] == [-9, -9, 0]


def test_a_client_who_did_nothing_has_zeros_and_no_recency() -> None:
    assert row_at(of_orders()) == {
        **dict.fromkeys(FEATURES_SCHEMA.names, 0),
        "as_of_day": T,
        "client_id": 1,
        "days_since_last_purchase": None,
        "tenure_months": 900 / 30.4375,
    }


def test_a_cancelled_first_order_still_starts_the_tenure() -> None:
    plain = Plain(
        registered={1: T}, orders=[order(1, T - 61, 5), order(2, T - 60, -5, CANCELLATION)], coverage={}
    )
    row = row_at(plain)
    assert (row["tenure_months"], row["has_purchased"]) == (61 / 30.4375, 0)


def test_a_client_is_known_from_the_first_registration_order_or_activity_day_on() -> None:
    plain = Plain(
        registered={1: T - 1, 2: None, 3: T + 1, 4: None, 5: T, 6: T + 1},
        orders=[LedgerEntry(1, 2, T * DAY, -7, REFUND), LedgerEntry(2, 6, (T - 1) * DAY, 7, SALE)],
        activity=[Daily(client_id=3, day=T), Daily(client_id=8, day=T + 1)],
        coverage={},
    )
    table = features(plain.history(), [T, T - 1]).select(["as_of_day", "client_id"]).to_pylist()
    expected = [(T - 1, 1), (T - 1, 6), (T, 1), (T, 2), (T, 3), (T, 5), (T, 6)]
    assert [(row["as_of_day"], row["client_id"]) for row in table] == expected


@pytest.mark.parametrize(
    ("first", "last", "known"),
    [
        (T - 29, T, {"visits_30d", "visits_7d"}),
        (T - 28, T, {"visits_7d"}),
        (T - 6, T, {"visits_7d"}),
        (T - 5, T, set()),
        (T - 900, T - 1, set()),
    ],
)
def test_activity_is_known_when_its_whole_window_is_covered(first: int, last: int, known: set[str]) -> None:
    coverage = covered(first, last, "visits")
    plain = Plain(registered={1: T - 900}, activity=[Daily(client_id=1, day=T, visits=5)], coverage=coverage)
    row = row_at(plain)
    assert {name for name in ("visits_30d", "visits_7d", "ad_clicks") if row[name] == 5} == known
    never_null = set(CLIENT_FEATURES) - {"days_since_last_purchase"}
    assert {name for name in never_null if row[name] is not None} == known_features(coverage, T) & never_null


@pytest.mark.parametrize(
    ("orders", "sales", "bought"),
    [
        pytest.param([order(1, T, 9)], 0, 0, id="the day itself is the past"),
        pytest.param(
            [order(1, T + 1, 9), order(2, T + 30, -4, REFUND)], 5, 1, id="days 1 to 30 are the future"
        ),
        pytest.param([order(1, T + 31, 9)], 0, 0, id="day 31 is not"),
        pytest.param([order(1, T + 14, 9)], 9, 1, id="a purchase within 14 days"),
        pytest.param([order(1, T + 15, 9)], 9, 0, id="not on day 15"),
        pytest.param([order(1, T + 1, -9, REFUND)], -9, 0, id="a refund is no purchase"),
        pytest.param(
            [order(1, T + 2, 9), order(2, T + 9, -9, CANCELLATION)], 0, 0, id="cancelled inside both horizons"
        ),
        pytest.param(
            [order(1, T + 10, 9), order(2, T + 20, -9, CANCELLATION)], 0, 1, id="cancelled after 14 days"
        ),
        pytest.param(
            [order(1, T + 25, 9), order(2, T + 31, -9, CANCELLATION)], 9, 0, id="cancelled after the horizon"
        ),
        pytest.param([order(1, T - 2, 9), order(2, T + 3, -9, CANCELLATION)], 0, 0, id="sold before the day"),
        pytest.param(
            [order(1, T + 1, -9, CANCELLATION, 2), order(2, T + 13, 9)],
            0,
            0,
            id="named sale dated after its cancellation",
        ),
    ],
)
def test_labels(orders: Sequence[LedgerEntry], sales: int, bought: int) -> None:
    (row,) = labels(of_orders(*orders).history(), [T]).to_pylist()
    assert row == {"as_of_day": T, "client_id": 1, "sales": sales, "bought": bought}


def test_dates_asked_twice_are_answered_once() -> None:
    history = STORY.history()
    assert features(history, [T, T - 16, T]).equals(features(history, [T - 16, T]))
    assert labels(history, [T, T - 16, T]).equals(labels(history, [T - 16, T]))
    assert features(history, [T - 16, T]).slice(1).equals(features(history, [T]))


def test_an_empty_history_gives_empty_tables() -> None:
    for plain, days in ((NOTHING, [T]), (NOTHING, []), (STORY, []), (STORY, [T - 901])):
        assert features(plain.history(), days).equals(FEATURES_SCHEMA.empty_table())
        assert labels(plain.history(), days).equals(LABELS_SCHEMA.empty_table())
    assert first_day(NOTHING.history()) is None
    assert first_day(STORY.history()) == T - 60


def test_columns_without_any_value_may_come_as_text() -> None:
    plain = Plain(
        registered={1: None}, orders=[order(1, T, 9)], activity=[Daily(client_id=1, day=T)], coverage=ALWAYS
    )
    typed = plain.history()
    guessed = History(
        clients=_as_text(typed.clients, "registered_day"),
        orders=_as_text(typed.orders, "cancels"),
        activity=_as_text(typed.activity, *METRICS),
        coverage=typed.coverage,
    )
    assert features(guessed, [T]).equals(features(typed, [T]))


def _as_text(table: pa.Table, *columns: str) -> pa.Table:
    for name in columns:
        table = table.set_column(table.column_names.index(name), name, pa.nulls(table.num_rows, pa.string()))
    return table


def test_the_table_of_definitions_names_every_input_once() -> None:
    assert set(CLIENT_FEATURES) == {*SALES_INPUTS, *PURCHASE_INPUTS}
    assert len({item.name for item in (*DEFINITIONS, *BASELINES)}) == len(DEFINITIONS) + len(BASELINES)


def test_memory_is_limited_and_only_the_given_folder_is_spilled_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work, spill = tmp_path / "work", tmp_path / "spill"
    work.mkdir()
    monkeypatch.chdir(work)
    many = [order(id_, T - id_ % 99, id_) for id_ in range(200_000)]
    with pytest.raises(FileNotFoundError, match="spill"):
        features(STORY.history(), [T], Resources(temp_folder=spill))
    spill.mkdir()
    with pytest.raises(duckdb.OutOfMemoryException):
        features(of_orders(*many).history(), [T], Resources(memory_mb=1, temp_folder=spill))
    limited = features(STORY.history(), [T], Resources(memory_mb=200, temp_folder=spill))
    assert limited.equals(features(STORY.history(), [T]))
    assert [*work.iterdir(), *spill.iterdir()] == []

"""The simulated shop has the habits of a real one: what clients do on the site comes before what they buy."""

from collections import Counter
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from salesml.core.activity import METRICS
from salesml.core.days import SECONDS_PER_DAY, parse_day
from salesml.core.errors import InvalidValue
from salesml.core.imports import ImportKind
from salesml.core.money import Currency
from salesml.core.orders import LedgerEntry, OrderKind, void_pairs
from salesml.data.simulated_shop import SimulatedShop, simulate

LAST_DAY = parse_day("2026-10-31")
PLN = Currency("PLN")
KINDS = (ImportKind.CLIENTS, ImportKind.ORDERS, ImportKind.ACTIVITY)


@pytest.fixture(scope="module")
def shop() -> SimulatedShop:
    return simulate(seed=7, last_day=LAST_DAY, clients=1500, months=24)


def _day(column: Any) -> np.ndarray:
    """Epoch days of times on the shop's clock."""
    return np.asarray(column.cast(pa.int64())) // SECONDS_PER_DAY


def _number(column: Any) -> np.ndarray:
    """Clients as integers."""
    return np.asarray(pc.cast(column, pa.int64()))


def _purchases(shop: SimulatedShop) -> pa.Table:
    return shop.orders.filter(pc.greater(shop.orders["amount"], 0))


def test_the_same_seed_gives_the_same_shop_and_another_seed_another() -> None:
    one, same, other = (simulate(seed=seed, last_day=LAST_DAY, clients=200, months=6) for seed in (1, 1, 2))
    assert (one.clients, one.orders, one.activity) == (same.clients, same.orders, same.activity)
    assert one.clients != other.clients
    assert one.orders != other.orders


def test_ids_and_addresses_are_unique_and_every_row_belongs_to_a_client(shop: SimulatedShop) -> None:
    assert pc.count_distinct(shop.clients["client_id"]).as_py() == shop.clients.num_rows == 1500
    assert pc.count_distinct(shop.clients["email"]).as_py() == 1500
    assert pc.count_distinct(shop.orders["order_id"]).as_py() == shop.orders.num_rows
    known = shop.clients["client_id"].combine_chunks()
    for table in (shop.orders, shop.activity):
        assert pc.all(pc.is_in(table["client_id"], value_set=known)).as_py()
    cells = shop.activity.group_by(["client_id", "day"]).aggregate([([], "count_all")])
    assert cells.num_rows == shop.activity.num_rows


def test_addresses_reach_nobody_and_are_plain_ascii(shop: SimulatedShop) -> None:
    for email in shop.clients["email"].to_pylist():
        assert email.isascii()
        assert email.partition("@")[2] in {"example.com", "example.org", "example.net"}


def test_every_day_lies_within_the_span_and_the_newest_has_orders(shop: SimulatedShop) -> None:
    assert shop.last_day == LAST_DAY
    assert shop.last_day - shop.first_day + 1 == round(24 * 30.4375)
    seen = np.asarray(shop.activity["day"].cast(pa.int32()))
    for days in (_day(shop.clients["registered_at"]), _day(shop.orders["ordered_at"]), seen):
        assert days.min() >= shop.first_day
        assert days.max() <= shop.last_day
    assert _day(shop.orders["ordered_at"]).max() == seen.max() == LAST_DAY


def test_nobody_orders_or_visits_before_they_register(shop: SimulatedShop) -> None:
    registered = np.asarray(shop.clients["registered_at"].cast(pa.int64()))
    ordered = np.asarray(shop.orders["ordered_at"].cast(pa.int64()))
    assert (ordered > registered[_number(shop.orders["client_id"]) - 1]).all()
    day = np.asarray(shop.activity["day"].cast(pa.int32()))
    assert (day >= registered[_number(shop.activity["client_id"]) - 1] // SECONDS_PER_DAY).all()


def test_clients_arrive_over_the_whole_span(shop: SimulatedShop) -> None:
    month = (_day(shop.clients["registered_at"]) - shop.first_day) * 24 // (LAST_DAY - shop.first_day + 1)
    arrived = np.bincount(month, minlength=24)
    assert arrived.min() > 0.4 * arrived.mean()
    assert arrived.max() < 2.0 * arrived.mean()


def test_what_comes_back_is_at_most_what_was_sold_within_14_days(shop: SimulatedShop) -> None:
    kinds = Counter(shop.orders["kind"].to_pylist())
    assert set(kinds) == {"sale", "cancellation", "refund"}
    assert kinds["refund"] > kinds["cancellation"] > 0
    negative = pc.less(shop.orders["amount"], 0)
    assert negative == pc.not_equal(shop.orders["kind"], "sale")
    entries = [
        LedgerEntry(
            number,
            int(row["client_id"]),
            int(row["ordered_at"].timestamp()),
            PLN.to_minor(row["amount"]),
            OrderKind(row["kind"]),
        )
        for number, row in enumerate(shop.orders.to_pylist())
    ]
    assert len(void_pairs(entries)) == kinds["cancellation"]


def test_a_few_orders_are_free_and_no_sale_is_negative(shop: SimulatedShop) -> None:
    sales = shop.orders.filter(pc.equal(shop.orders["kind"], "sale"))
    free = pc.sum(pc.equal(sales["amount"], 0)).as_py()
    assert 0 < free < 0.01 * sales.num_rows
    assert pc.min(sales["amount"]).as_py() == Decimal("0.00")


def test_baskets_and_the_share_that_buys_are_those_of_a_plausible_shop(shop: SimulatedShop) -> None:
    purchases = _purchases(shop)
    assert 120 < float(pc.mean(purchases["amount"]).as_py()) < 250
    recent = purchases.filter(pa.array(_day(purchases["ordered_at"]) > LAST_DAY - 30))
    assert 0.10 < pc.count_distinct(recent["client_id"]).as_py() / 1500 < 0.20
    buyers = pc.count_distinct(purchases["client_id"]).as_py()
    once = sum(count == 1 for count in Counter(purchases["client_id"].to_pylist()).values())
    assert 0.02 < 1 - buyers / 1500 < 0.25
    assert 0.2 < once / buyers < 0.7


def test_december_sells_more_than_october_for_those_who_were_there(shop: SimulatedShop) -> None:
    purchases = _purchases(shop)
    there = _day(shop.clients["registered_at"]) < parse_day("2025-09-01")
    of_old_clients = there[_number(purchases["client_id"]) - 1]
    days = _day(purchases["ordered_at"])[of_old_clients]
    october = ((days >= parse_day("2025-10-01")) & (days < parse_day("2025-10-31"))).sum()
    december = ((days >= parse_day("2025-11-25")) & (days < parse_day("2025-12-25"))).sum()
    assert december > 1.3 * october


def test_fridays_sell_less_than_sundays(shop: SimulatedShop) -> None:
    weekday = (_day(_purchases(shop)["ordered_at"]) + 3) % 7
    sold = np.bincount(weekday, minlength=7)
    assert sold[4] < sold[6]


@pytest.mark.parametrize("metric", ["visits", "seconds_on_site", "ad_clicks"])
def test_the_week_before_a_purchase_is_busier_than_the_same_clients_usual_week(
    shop: SimulatedShop, metric: str
) -> None:
    """Days 1 to 7 before a repeat purchase, against days 36 to 42 before it."""
    daily = _daily(shop, metric)
    purchases = _purchases(shop)
    client = _number(purchases["client_id"]) - 1
    day = _day(purchases["ordered_at"]) - shop.first_day
    joined = _day(shop.clients["registered_at"])[client] - shop.first_day
    client, day = client[day >= joined + 45], day[day >= joined + 45]
    before = sum(daily[client, day - back].sum() for back in range(1, 8))
    usual = sum(daily[client, day - back].sum() for back in range(36, 43))
    assert len(day) > 1000
    assert before > 1.5 * usual


def test_more_orders_follow_an_opened_newsletter_than_went_before_it(shop: SimulatedShop) -> None:
    """Of the same clients: the day itself and seven more, against the eight days before it."""
    purchases = _purchases(shop)
    bought = np.zeros((shop.clients.num_rows, shop.last_day - shop.first_day + 1))
    day = _day(purchases["ordered_at"]) - shop.first_day
    np.add.at(bought, (_number(purchases["client_id"]) - 1, day), 1)
    client, opened = np.nonzero(_daily(shop, "newsletter_opens"))
    joined = _day(shop.clients["registered_at"])[client] - shop.first_day
    inside = (opened >= joined + 30) & (opened + 7 <= LAST_DAY - shop.first_day)
    client, opened = client[inside], opened[inside]
    after = sum(bought[client, opened + ahead].sum() for ahead in range(8))
    before = sum(bought[client, opened - back].sum() for back in range(1, 9))
    assert after > 1.1 * before


def test_every_metric_is_a_count_and_every_row_says_something(shop: SimulatedShop) -> None:
    values = np.stack([np.asarray(shop.activity[metric]) for metric in METRICS])
    assert values.min() == 0
    assert (values.sum(axis=0) > 0).all()
    visits, seconds, clicks, _ = values
    assert ((visits > 0) == (seconds > 0)).all()
    assert (clicks <= visits).all()
    assert (seconds <= SECONDS_PER_DAY).all()


def test_a_currency_without_decimals_gets_whole_amounts() -> None:
    yen = simulate(seed=1, last_day=LAST_DAY, clients=50, months=3, currency=Currency("JPY"))
    assert yen.orders.schema.field("amount").type == pa.decimal128(18, 0)
    assert set(yen.orders["currency"].to_pylist()) == {"JPY"}


@pytest.mark.parametrize(("clients", "months"), [(1, 1), (3, 2)])
def test_a_tiny_shop_is_possible(clients: int, months: int) -> None:
    tiny = simulate(seed=3, last_day=LAST_DAY, clients=clients, months=months)
    assert tiny.clients.num_rows == clients


@pytest.mark.parametrize(("field", "clients", "months"), [("clients", 0, 12), ("months", 100, 0)])
def test_a_shop_of_nothing_is_refused(field: str, clients: int, months: int) -> None:
    with pytest.raises(InvalidValue, match=field):
        simulate(seed=1, last_day=LAST_DAY, clients=clients, months=months)


def _daily(shop: SimulatedShop, metric: str) -> np.ndarray:
    """A metric as clients x days."""
    days = shop.last_day - shop.first_day + 1
    grid = np.zeros((shop.clients.num_rows, days))
    day = np.asarray(shop.activity["day"].cast(pa.int32())) - shop.first_day
    grid[_number(shop.activity["client_id"]) - 1, day] = np.asarray(shop.activity[metric])
    return grid

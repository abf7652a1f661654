"""Histories as plain rows, and the slow, obvious way to compute what the generated SQL computes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pyarrow as pa
from hypothesis import strategies as st

from salesml.core.activity import METRICS, Coverage
from salesml.core.orders import LedgerEntry, OrderKind, void_pairs
from salesml.ml.history import History

DAY = 86_400
DAYS = st.integers(100, 175)
AS_OF = st.integers(110, 160)


@dataclass(frozen=True, kw_only=True)
class Daily:
    """One client's activity on one day; None where a metric was not brought."""

    client_id: int
    day: int
    visits: int | None = None
    seconds_on_site: int | None = None
    ad_clicks: int | None = None
    newsletter_opens: int | None = None


@dataclass(frozen=True, kw_only=True)
class Plain:
    """What History holds, row by row; `registered` is the day of registration by client."""

    registered: Mapping[int, int | None]
    orders: Sequence[LedgerEntry] = ()
    activity: Sequence[Daily] = ()
    coverage: Mapping[str, Coverage]

    def history(self) -> History:
        orders = self.orders
        return History(
            clients=pa.table(
                {
                    "client_id": pa.array(self.registered, pa.int64()),
                    "registered_day": pa.array(self.registered.values(), pa.int32()),
                }
            ),
            orders=pa.table(
                {
                    "id": pa.array([order.id for order in orders], pa.int64()),
                    "client_id": pa.array([order.client_id for order in orders], pa.int64()),
                    "at": pa.array([order.at for order in orders], pa.int64()),
                    "day": pa.array([order.at // DAY for order in orders], pa.int32()),
                    "amount": pa.array([order.amount for order in orders], pa.int64()),
                    "kind": pa.array([str(order.kind) for order in orders], pa.string()),
                    "cancels": pa.array([order.cancels for order in orders], pa.int64()),
                }
            ),
            activity=pa.table(
                {
                    "client_id": pa.array([row.client_id for row in self.activity], pa.int64()),
                    "day": pa.array([row.day for row in self.activity], pa.int32()),
                    **{
                        metric: pa.array([getattr(row, metric) for row in self.activity], pa.int64())
                        for metric in METRICS
                    },
                }
            ),
            coverage=self.coverage,
        )


def covered(first_day: int, last_day: int, *metrics: str) -> dict[str, Coverage]:
    return {
        metric: Coverage(metric=metric, first_day=first_day, last_day=last_day)
        for metric in metrics or METRICS
    }


@st.composite
def plains(draw: st.DrawFn, first_id: int = 1, days: st.SearchStrategy[int] = DAYS) -> Plain:
    """Few clients and amounts, many cancellations; order ids count from `first_id`."""
    clients = st.integers(1, 5)
    order = st.builds(
        lambda client, day, second, amount, kind, cancels: (
            client,
            day * DAY + second,
            amount,
            kind,
            cancels,
        ),
        client=clients,
        day=days,
        second=st.sampled_from([0, 0, 40_000]),
        amount=st.sampled_from([100, 100, 299, 7_000_000_001, 0]),
        kind=st.sampled_from([*OrderKind, OrderKind.SALE, OrderKind.CANCELLATION]),
        cancels=st.none() | st.integers(1, 30) | st.integers(100, 120),
    )
    count = st.none() | st.integers(0, 3)
    daily = st.builds(
        Daily,
        client_id=clients,
        day=days,
        visits=count,
        seconds_on_site=count,
        ad_clicks=count,
        newsletter_opens=count,
    )
    minus = (OrderKind.CANCELLATION, OrderKind.REFUND)
    return Plain(
        registered={client: draw(st.none() | days) for client in draw(st.sets(clients))},
        orders=[
            LedgerEntry(number, client, at, -amount if kind in minus else amount, kind, cancels)
            for number, (client, at, amount, kind, cancels) in enumerate(
                draw(st.lists(order, max_size=30)), first_id
            )
        ],
        activity=draw(st.lists(daily, max_size=20)),
        coverage={
            metric: Coverage(metric=metric, first_day=first, last_day=first + draw(st.integers(20, 90)))
            for metric in draw(st.sets(st.sampled_from(METRICS)))
            for first in [draw(st.integers(80, 130))]
        },
    )


def merged(past: Plain, future: Plain, last_day: int) -> Plain:
    """The events of one history up to a day, those of the other after it."""

    def registered(client: int) -> int | None:
        day = past.registered.get(client)
        if day is not None and day <= last_day:
            return day
        later = future.registered.get(client)
        return later if later is not None and later > last_day else None

    return Plain(
        registered={client: registered(client) for client in {*past.registered, *future.registered}},
        orders=[
            *(order for order in past.orders if order.at // DAY <= last_day),
            *(order for order in future.orders if order.at // DAY > last_day),
        ],
        activity=[
            *(row for row in past.activity if row.day <= last_day),
            *(row for row in future.activity if row.day > last_day),
        ],
        coverage=past.coverage,
    )


def with_longer_coverage(plain: Plain, last_day: int) -> Plain:
    """More days became known after a day; what was known up to it stays as it was."""
    longer = {
        metric: replace(covered, last_day=max(covered.last_day, last_day + 40))
        for metric, covered in plain.coverage.items()
        if covered.last_day >= last_day
    }
    return replace(plain, coverage={**plain.coverage, **longer})


def void_days(plain: Plain) -> dict[int, int]:
    """By order of a void pair, the first day on which both of them are known."""
    day = {order.id: order.at // DAY for order in plain.orders}
    return {order: max(day[pair[0]], day[pair[1]]) for pair in void_pairs(plain.orders) for order in pair}


def first_seen(plain: Plain) -> dict[int, int]:
    """First day of registration, order or activity, by client."""
    days = [(client, day) for client, day in plain.registered.items() if day is not None]
    days += [(order.client_id, order.at // DAY) for order in plain.orders]
    days += [(row.client_id, row.day) for row in plain.activity]
    return {client: min(day for who, day in days if who == client) for client, _ in days}


def slow_features(plain: Plain, days: Sequence[int]) -> list[dict[str, float | None]]:
    seen = first_seen(plain)
    return [
        _client_at(plain, client, t, seen[client])
        for t in days
        for client in sorted(seen)
        if seen[client] <= t
    ]


def _client_at(plain: Plain, client: int, t: int, first: int) -> dict[str, float | None]:
    void = void_days(plain)
    stands = [
        (order.at // DAY, order.amount)
        for order in plain.orders
        if order.client_id == client and order.at // DAY <= t and void.get(order.id, t + 1) > t
    ]
    bought = [(day, amount) for day, amount in stands if amount > 0]
    mean = sum(amount for _, amount in bought) / len(bought) if bought else 0
    opens = activity_of(plain, client, "newsletter_opens", t, 30)
    return {
        "as_of_day": t,
        "client_id": client,
        "purchases_30d": len([day for day, _ in bought if day > t - 30]),
        "average_basket_value": mean,
        "visits_30d": activity_of(plain, client, "visits", t, 30),
        "days_since_last_purchase": min((t - day for day, _ in bought), default=None),
        "tenure_months": (t - first) / 30.4375,
        "visits_7d": activity_of(plain, client, "visits", t, 7),
        "newsletter_opened": None if opens is None else int(opens > 0),
        "ad_clicks": activity_of(plain, client, "ad_clicks", t, 30),
        "has_purchased": int(bool(bought)),
        "time_on_site_seconds": activity_of(plain, client, "seconds_on_site", t, 7),
        "net_sales_30d": sum(amount for day, amount in stands if day > t - 30),
        "net_sales_total": sum(amount for _, amount in stands),
        "bought_14d": int(any(day > t - 14 for day, _ in bought)),
    }


def activity_of(plain: Plain, client: int, metric: str, t: int, window: int) -> int | None:
    coverage = plain.coverage.get(metric)
    if coverage is None or coverage.first_day > t - window + 1 or coverage.last_day < t:
        return None
    rows = [row for row in plain.activity if row.client_id == client and t - window < row.day <= t]
    return sum(getattr(row, metric) or 0 for row in rows)


def slow_labels(plain: Plain, days: Sequence[int], sales: int, purchase: int) -> list[dict[str, int]]:
    seen, void = first_seen(plain), void_days(plain)

    def after(client: int, t: int, horizon: int) -> list[int]:
        return [
            order.amount
            for order in plain.orders
            if order.client_id == client
            and t < order.at // DAY <= t + horizon
            and void.get(order.id, t + horizon + 1) > t + horizon
        ]

    return [
        {
            "as_of_day": t,
            "client_id": client,
            "sales": sum(after(client, t, sales)),
            "bought": int(any(amount > 0 for amount in after(client, t, purchase))),
        }
        for t in days
        for client in sorted(seen)
        if seen[client] <= t
    ]

"""The slow, obvious way to compute the rich features."""

import math
from collections.abc import Sequence
from itertools import pairwise

from tests.unit.ml.features.histories import DAY, Plain, activity_of, first_seen, void_days

from salesml.core.days import date_of


def slow_rich(plain: Plain, days: Sequence[int]) -> list[dict[str, float | None]]:
    seen = first_seen(plain)
    return [_client_at(plain, client, t) for t in days for client in sorted(seen) if seen[client] <= t]


def _client_at(plain: Plain, client: int, t: int) -> dict[str, float | None]:
    void = void_days(plain)
    stands = [
        (t - order.at // DAY, order.amount)
        for order in plain.orders
        if order.client_id == client and order.at // DAY <= t and void.get(order.id, t + 1) > t
    ]
    first_order = min((order.at // DAY for order in plain.orders), default=t)
    bought = [(age, amount) for age, amount in stands if amount > 0]
    return {
        "as_of_day": t,
        "client_id": client,
        **_windows(bought),
        **_baskets([amount for _, amount in bought]),
        **_habits(bought),
        **_returns([amount for age, amount in stands if amount < 0 and age < 365]),
        **_last_year(bought, t - first_order),
        "day_of_year": date_of(t).timetuple().tm_yday if t - first_order >= 730 else None,
        **_site(plain, client, t),
    }


def _windows(bought: list[tuple[int, int]]) -> dict[str, float | None]:
    values: dict[str, float | None] = {"spend_30d": sum(amount for age, amount in bought if age < 30)}
    for window in (7, 14, 60, 90, 180, 365):
        within = [amount for age, amount in bought if age < window]
        values |= {f"purchases_{window}d": len(within), f"spend_{window}d": sum(within)}
    for window in (30, 90, 365):
        weighted = [(window - age, amount) for age, amount in bought if age < window]
        values[f"decayed_purchases_{window}d"] = sum(weight for weight, _ in weighted) / window
        values[f"decayed_spend_{window}d"] = sum(weight * amount for weight, amount in weighted) / window
    return values


def _baskets(amounts: list[int]) -> dict[str, float | None]:
    count = len(amounts)
    spread = 0.0
    if count and min(amounts) < max(amounts):
        mean = sum(amounts) / count
        spread = math.sqrt(max(0.0, sum(amount * amount for amount in amounts) / count - mean * mean))
    return {
        "purchases_total": count,
        "spend_total": sum(amounts),
        "max_basket_value": max(amounts, default=0),
        "basket_deviation": spread,
    }


def _habits(bought: list[tuple[int, int]]) -> dict[str, float | None]:
    ages = sorted({age for age, _ in bought})
    gaps = [older - younger for younger, older in pairwise(ages)]
    mean = None if not ages else sum(gaps) / len(gaps) if gaps else float(ages[0])
    spread = 0.0
    if mean is not None and len(gaps) > 1:
        spread = math.sqrt(max(0.0, sum(gap * gap for gap in gaps) / len(gaps) - mean * mean))
    return {
        "purchase_days": len(ages),
        "purchase_days_90d": len([age for age in ages if age < 90]),
        "days_since_first_purchase": max(ages, default=None),
        "mean_gap_days": mean,
        "gap_deviation_days": spread,
        "recency_over_gap": ages[0] / mean if mean else 0,
        "last_day_spend": sum(amount for age, amount in bought if age == ages[0]),
    }


def _returns(amounts: list[int]) -> dict[str, float | None]:
    return {"returns_365d": len(amounts), "returned_365d": -sum(amounts)}


def _last_year(bought: list[tuple[int, int]], reach: int) -> dict[str, float | None]:
    if reach < 395:
        return {"purchases_last_year": None, "spend_last_year": None}
    month = [amount for age, amount in bought if 335 <= age < 365]
    return {"purchases_last_year": len(month), "spend_last_year": sum(month)}


def _site(plain: Plain, client: int, t: int) -> dict[str, float | None]:
    visit_days = [
        t - row.day for row in plain.activity if row.client_id == client and row.visits and row.day <= t
    ]
    known_30 = activity_of(plain, client, "visits", t, 30) is not None
    known_90 = activity_of(plain, client, "visits", t, 90) is not None
    sums = {
        f"{name}_{window}d": activity_of(plain, client, metric, t, window)
        for name, metric, windows in (
            ("visits", "visits", (14, 90)),
            ("seconds", "seconds_on_site", (30,)),
            ("ad_clicks", "ad_clicks", (7, 90)),
            ("newsletter_opens", "newsletter_opens", (30, 90)),
        )
        for window in windows
    }
    return {
        **sums,
        "visit_days_30d": len([age for age in visit_days if age < 30]) if known_30 else None,
        "days_since_last_visit": min([90, *visit_days]) if known_90 else None,
    }

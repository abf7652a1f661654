"""Rich features: what the models of stored clients read beside the kernel's ten.

All are integers, or one division of two integers, so that every engine gives the same number. A window
that reaches further back than the data counts what there is; only comparisons with last year need it.
"""

from collections.abc import Sequence

from salesml.ml.features.definition import FeatureDefinition, Rows

_PURCHASES = "count(*) FILTER (WHERE purchase AND {window})"
_SPEND = "CAST(sum(amount) FILTER (WHERE purchase AND {window}) AS BIGINT)"
_DAYS, _FIRST, _LAST = "count(*)", "max(age)", "min(age)"

ORDER_WINDOWS = (7, 14, 60, 90, 180, 365)
DECAY_WINDOWS = (30, 90, 365)
LAST_YEAR_HISTORY_DAYS = 395
"""A year, and a month before it: the first month of a shop is no month to compare with."""
SEASON_HISTORY_DAYS = 730
"""Every season must have been seen before the one that is asked about."""


def _orders(
    name: str, unit: str, expression: str, description: str, window: int | None = None
) -> FeatureDefinition:
    return FeatureDefinition(
        name=name,
        unit=unit,
        rows=Rows.ORDERS,
        expression=expression,
        description=description,
        window_days=window,
    )


def _windowed(window: int) -> Sequence[FeatureDefinition]:
    within = f"in the last {window} days"
    return (
        _orders(f"purchases_{window}d", "purchases", _PURCHASES, f"purchases {within}", window),
        _orders(f"spend_{window}d", "minor units", _SPEND, f"amount of all purchases {within}", window),
    )


def _decayed(window: int) -> Sequence[FeatureDefinition]:
    """Weights fall in a straight line from 1 at `t` to 0: integers, unlike powers, add up to the same
    number in any order."""
    fading = f"fading from full weight today to none {window} days ago"
    return (
        _orders(
            f"decayed_purchases_{window}d",
            "purchases",
            f"CAST(CAST(sum({window} - age) FILTER (WHERE purchase AND {{window}}) AS BIGINT) AS DOUBLE)"
            f" / {window}",
            f"purchases, {fading}",
            window,
        ),
        _orders(
            f"decayed_spend_{window}d",
            "minor units",
            f"CAST(sum(amount * ({window} - age)) FILTER (WHERE purchase AND {{window}}) AS DOUBLE)"
            f" / {window}",
            f"amount of all purchases, {fading}",
            window,
        ),
    )


def _days(
    name: str, unit: str, expression: str, description: str, *, nullable: bool = False
) -> FeatureDefinition:
    return FeatureDefinition(
        name=name,
        unit=unit,
        rows=Rows.DAYS,
        expression=expression,
        description=description,
        nullable=nullable,
    )


def _activity(
    name: str, unit: str, expression: str, metric: str, window: int, description: str
) -> FeatureDefinition:
    return FeatureDefinition(
        name=name,
        unit=unit,
        rows=Rows.ACTIVITY,
        metric=metric,
        window_days=window,
        expression=expression,
        description=f"{description} in the last {window} days",
    )


_MEAN_GAP = (
    f"CAST({_FIRST} - CASE WHEN {_DAYS} > 1 THEN {_LAST} ELSE 0 END AS DOUBLE) / greatest({_DAYS} - 1, 1)"
)
_GAP_SQUARES = f"CAST(CAST(sum(gap * gap) AS BIGINT) AS DOUBLE) / greatest({_DAYS} - 1, 1)"
_BOUGHT = "FILTER (WHERE purchase)"
_BASKET_MEAN = f"CAST(sum(amount) {_BOUGHT} AS DOUBLE) / count(*) {_BOUGHT}"
# A square of the largest amount is beyond 64 bits.
_BASKET_SQUARES = f"CAST(sum(CAST(amount AS HUGEINT) * amount) {_BOUGHT} AS DOUBLE) / count(*) {_BOUGHT}"
_PURCHASE_HABITS = (
    _days("purchase_days", "days", _DAYS, "days with a purchase"),
    _days(
        "purchase_days_90d",
        "days",
        f"{_DAYS} FILTER (WHERE age < 90)",
        "days with a purchase in the last 90 days",
    ),
    _days(
        "days_since_first_purchase",
        "days",
        _FIRST,
        "days since the first purchase, null with none",
        nullable=True,
    ),
    _days(
        "mean_gap_days",
        "days",
        _MEAN_GAP,
        "mean days between two purchase days; with one of them, the days since; null with none",
        nullable=True,
    ),
    _days(
        "gap_deviation_days",
        "days",
        f"CASE WHEN {_DAYS} > 2 THEN sqrt(greatest({_GAP_SQUARES} - ({_MEAN_GAP}) * ({_MEAN_GAP}), 0))"
        " ELSE 0 END",
        "standard deviation of the days between purchase days, 0 with fewer than three",
    ),
    _days(
        "recency_over_gap",
        "",
        f"CASE WHEN {_FIRST} > 0 THEN {_LAST} / ({_MEAN_GAP}) ELSE 0 END",
        "days since the last purchase over the mean gap, 0 with no purchase",
    ),
    _days(
        "last_day_spend",
        "minor units",
        "arg_min(amount, age)",
        "amount bought on the last purchase day, 0 with none",
    ),
)
_BASKETS = (
    _orders("purchases_total", "purchases", "count(*) FILTER (WHERE purchase)", "purchases so far"),
    _orders("spend_total", "minor units", _SPEND, "amount of all purchases so far"),
    _orders("spend_30d", "minor units", _SPEND, "amount of all purchases in the last 30 days", 30),
    _orders(
        "max_basket_value",
        "minor units",
        "max(amount) FILTER (WHERE purchase)",
        "largest purchase, 0 with none",
    ),
    _orders(
        "basket_deviation",
        "minor units",
        f"CASE WHEN max(amount) {_BOUGHT} > min(amount) {_BOUGHT} THEN sqrt(greatest({_BASKET_SQUARES}"
        f" - ({_BASKET_MEAN}) * ({_BASKET_MEAN}), 0)) ELSE 0 END",
        "standard deviation of the purchases' amounts, 0 where they are equal",
    ),
)
_RETURNS = (
    _orders(
        "returns_365d",
        "returns",
        "count(*) FILTER (WHERE amount < 0 AND {window})",
        "refunds and cancellations without their sale in the last 365 days",
        365,
    ),
    _orders(
        "returned_365d",
        "minor units",
        "CAST(-sum(amount) FILTER (WHERE amount < 0 AND {window}) AS BIGINT)",
        "amount of refunds and cancellations without their sale in the last 365 days",
        365,
    ),
)
_LAST_YEAR = tuple(
    FeatureDefinition(
        name=name,
        unit=unit,
        rows=Rows.ORDERS,
        history_days=LAST_YEAR_HISTORY_DAYS,
        expression=expression,
        description=f"{what} in the month that begins now, one year ago",
    )
    for name, unit, expression, what in (
        (
            "purchases_last_year",
            "purchases",
            "count(*) FILTER (WHERE purchase AND age < 365 AND age >= 335)",
            "purchases",
        ),
        (
            "spend_last_year",
            "minor units",
            "CAST(sum(amount) FILTER (WHERE purchase AND age < 365 AND age >= 335) AS BIGINT)",
            "amount of all purchases",
        ),
    )
)
_SEASON = FeatureDefinition(
    name="day_of_year",
    unit="day",
    rows=Rows.CLIENT,
    history_days=SEASON_HISTORY_DAYS,
    expression="{day_of_year}",
    description="day of the year (1 to 366) of the as-of date",
)
_SITE = (
    _activity("visits_14d", "visits", "sum(visits) FILTER (WHERE {window})", "visits", 14, "site visits"),
    _activity("visits_90d", "visits", "sum(visits) FILTER (WHERE {window})", "visits", 90, "site visits"),
    _activity(
        "visit_days_30d",
        "days",
        "count(*) FILTER (WHERE visits > 0 AND {window})",
        "visits",
        30,
        "days with a visit",
    ),
    _activity(
        "days_since_last_visit",
        "days",
        "coalesce(min(age) FILTER (WHERE visits > 0 AND {window}), 90)",
        "visits",
        90,
        "days since the last visit, 90 with none",
    ),
    _activity(
        "seconds_30d",
        "seconds",
        "sum(seconds_on_site) FILTER (WHERE {window})",
        "seconds_on_site",
        30,
        "seconds on the site",
    ),
    _activity(
        "ad_clicks_7d", "clicks", "sum(ad_clicks) FILTER (WHERE {window})", "ad_clicks", 7, "ad clicks"
    ),
    _activity(
        "ad_clicks_90d", "clicks", "sum(ad_clicks) FILTER (WHERE {window})", "ad_clicks", 90, "ad clicks"
    ),
    _activity(
        "newsletter_opens_30d",
        "opens",
        "sum(newsletter_opens) FILTER (WHERE {window})",
        "newsletter_opens",
        30,
        "newsletters opened",
    ),
    _activity(
        "newsletter_opens_90d",
        "opens",
        "sum(newsletter_opens) FILTER (WHERE {window})",
        "newsletter_opens",
        90,
        "newsletters opened",
    ),
)

RICH = (
    *_BASKETS,
    *(item for window in ORDER_WINDOWS for item in _windowed(window)),
    *(item for window in DECAY_WINDOWS for item in _decayed(window)),
    *_PURCHASE_HABITS,
    *_RETURNS,
    *_LAST_YEAR,
    _SEASON,
    *_SITE,
)
RICH_FEATURES = tuple(item.name for item in RICH)

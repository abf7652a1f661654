"""Every feature, from which the SQL is generated: the ten of the kernel here, the others in `rich`."""

from collections.abc import Mapping

from salesml.core.activity import Coverage
from salesml.core.days import DAYS_PER_MONTH
from salesml.core.models import HORIZON_DAYS, Target
from salesml.ml.features.definition import FeatureDefinition, Rows
from salesml.ml.features.rich import RICH, RICH_FEATURES

SALES_INPUTS = (
    "purchases_30d",
    "average_basket_value",
    "visits_30d",
    "days_since_last_purchase",
    "tenure_months",
)
PURCHASE_INPUTS = ("visits_7d", "newsletter_opened", "ad_clicks", "has_purchased", "time_on_site_seconds")

DEFINITIONS = (
    FeatureDefinition(
        name="purchases_30d",
        unit="purchases",
        rows=Rows.ORDERS,
        window_days=30,
        expression="count(*) FILTER (WHERE purchase AND {window})",
        description="purchases in the last 30 days",
    ),
    FeatureDefinition(
        name="average_basket_value",
        unit="minor units",
        rows=Rows.ORDERS,
        expression=(
            "CAST(CAST(sum(amount) FILTER (WHERE purchase) AS BIGINT) AS DOUBLE)"
            " / count(*) FILTER (WHERE purchase)"
        ),
        description="mean amount of all purchases so far, 0 with none",
    ),
    FeatureDefinition(
        name="visits_30d",
        unit="visits",
        rows=Rows.ACTIVITY,
        metric="visits",
        window_days=30,
        expression="sum(visits) FILTER (WHERE {window})",
        description="site visits in the last 30 days",
    ),
    FeatureDefinition(
        name="days_since_last_purchase",
        unit="days",
        rows=Rows.ORDERS,
        expression="min(age) FILTER (WHERE purchase)",
        description="days since the last purchase, null with none",
        nullable=True,
    ),
    FeatureDefinition(
        name="tenure_months",
        unit="months",
        rows=Rows.CLIENT,
        expression=f"CAST(age AS DOUBLE) / CAST({DAYS_PER_MONTH} AS DOUBLE)",
        description="months of 30.4375 days since the first registration, order or activity",
    ),
    FeatureDefinition(
        name="visits_7d",
        unit="visits",
        rows=Rows.ACTIVITY,
        metric="visits",
        window_days=7,
        expression="sum(visits) FILTER (WHERE {window})",
        description="site visits in the last 7 days",
    ),
    FeatureDefinition(
        name="newsletter_opened",
        unit="0 or 1",
        rows=Rows.ACTIVITY,
        metric="newsletter_opens",
        window_days=30,
        expression="CAST(count(*) FILTER (WHERE newsletter_opens > 0 AND {window}) > 0 AS INTEGER)",
        description="whether a newsletter was opened in the last 30 days",
    ),
    FeatureDefinition(
        name="ad_clicks",
        unit="clicks",
        rows=Rows.ACTIVITY,
        metric="ad_clicks",
        window_days=30,
        expression="sum(ad_clicks) FILTER (WHERE {window})",
        description="clicks on advertisements in the last 30 days",
    ),
    FeatureDefinition(
        name="has_purchased",
        unit="0 or 1",
        rows=Rows.ORDERS,
        expression="CAST(count(*) FILTER (WHERE purchase) > 0 AS INTEGER)",
        description="whether there is any purchase so far",
    ),
    FeatureDefinition(
        name="time_on_site_seconds",
        unit="seconds",
        rows=Rows.ACTIVITY,
        metric="seconds_on_site",
        window_days=7,
        expression="sum(seconds_on_site) FILTER (WHERE {window})",
        description="seconds on the site in the last 7 days",
    ),
)
CLIENT_FEATURES = tuple(definition.name for definition in DEFINITIONS)

BASELINES = (
    FeatureDefinition(
        name="net_sales_30d",
        unit="minor units",
        rows=Rows.ORDERS,
        window_days=HORIZON_DAYS[Target.SALES],
        expression="sum(amount) FILTER (WHERE {window})",
        description="net sales of the last 30 days",
    ),
    FeatureDefinition(
        name="net_sales_total",
        unit="minor units",
        rows=Rows.ORDERS,
        expression="sum(amount)",
        description="net sales so far",
    ),
    FeatureDefinition(
        name="bought_14d",
        unit="0 or 1",
        rows=Rows.ORDERS,
        window_days=HORIZON_DAYS[Target.PURCHASE],
        expression="CAST(count(*) FILTER (WHERE purchase AND {window}) > 0 AS INTEGER)",
        description="whether there is a purchase in the last 14 days",
    ),
)
"""Columns that the naive forecasts need; no model is given them."""

ALL_FEATURES = CLIENT_FEATURES + RICH_FEATURES
DEFINED: Mapping[str, FeatureDefinition] = {item.name: item for item in (*DEFINITIONS, *RICH)}


def known_features(
    coverage: Mapping[str, Coverage], as_of_day: int, orders_from: int | None = None
) -> frozenset[str]:
    """Names of the features that the data can give at a date; every other one is null for all clients.

    A metric is known when the feature's whole window (t - window_days, t] lies inside its coverage.
    """
    return frozenset(name for name, item in DEFINED.items() if item.known(coverage, as_of_day, orders_from))

"""Every feature in words: a label, and sentences for its values."""

from collections.abc import Mapping

from salesml.web.feature_kinds import (
    FeatureText,
    Unit,
    ad_clicks,
    count,
    decayed_purchases,
    decayed_spend,
    money,
    newsletters,
    purchases,
    spend,
    time_on_site,
    visits,
)
from salesml.web.i18n import N_, NN_

_WINDOWS, _DECAYS = (7, 14, 30, 60, 90, 180, 365), (30, 90, 365)
_NO_VISIT_DAYS = 90
"""What `days_since_last_visit` is for a client without a visit."""

_SINCE_LAST_PURCHASE = FeatureText(
    label=N_("days since the last purchase"),
    forms=NN_("%(num)s day since the last purchase", "%(num)s days since the last purchase"),
    none=N_("bought on the day of the forecast"),
    null=N_("never bought yet"),
)
_SINCE_FIRST_PURCHASE = FeatureText(
    label=N_("days since the first purchase"),
    forms=NN_("%(num)s day since the first purchase", "%(num)s days since the first purchase"),
    none=N_("bought for the first time on the day of the forecast"),
    null=N_("never bought yet"),
)
_MEAN_GAP = FeatureText(
    label=N_("average gap between purchases"),
    forms=NN_(
        "%(num)s day between purchases on average, or since the only one",
        "%(num)s days between purchases on average, or since the only one",
    ),
    null=N_("never bought yet"),
)
_GAP_DEVIATION = FeatureText(
    label=N_("how much gaps between purchases vary"),
    forms=NN_("gaps between purchases vary by %(num)s day", "gaps between purchases vary by %(num)s days"),
    none=N_("gaps between purchases do not vary, or there are too few"),
)
_RECENCY_OVER_GAP = FeatureText(
    label=N_("time since the last purchase against the usual gap"),
    forms=(N_("time since the last purchase: %(num)s times the usual gap"),) * 2,
    none=N_("bought on the day of the forecast, or never"),
    unit=Unit.DECIMAL,
)
_TENURE = FeatureText(
    label=N_("months as a client"),
    forms=NN_("client for %(num)s month", "client for %(num)s months"),
    none=N_("client for less than a month"),
    unit=Unit.MONTHS,
)
_SEASON = FeatureText(label=N_("time of year"), forms=(N_("time of year: %(month)s"),) * 2, unit=Unit.SEASON)
_SINCE_LAST_VISIT = FeatureText(
    label=N_("days since the last visit"),
    forms=NN_("%(num)s day since the last visit", "%(num)s days since the last visit"),
    none=N_("visited on the day of the forecast"),
    null=N_("no visit in the last %(days)s days"),
    null_from=_NO_VISIT_DAYS,
    days=_NO_VISIT_DAYS,
)
_NEWSLETTER_OPENED = FeatureText(
    label=N_("newsletter opened in %(days)s days"),
    forms=(N_("opened a newsletter in the last %(days)s days"),) * 2,
    none=N_("no newsletter opened in the last %(days)s days"),
    days=30,
)
_HAS_PURCHASED = FeatureText(
    label=N_("has bought before"), forms=(N_("has bought before"),) * 2, none=N_("never bought yet")
)

_HABITS: Mapping[str, FeatureText] = {
    "days_since_last_purchase": _SINCE_LAST_PURCHASE,
    "days_since_first_purchase": _SINCE_FIRST_PURCHASE,
    "mean_gap_days": _MEAN_GAP,
    "gap_deviation_days": _GAP_DEVIATION,
    "recency_over_gap": _RECENCY_OVER_GAP,
    "tenure_months": _TENURE,
    "has_purchased": _HAS_PURCHASED,
    "day_of_year": _SEASON,
    "purchases_total": count(
        N_("purchases so far"),
        NN_("%(num)s purchase so far", "%(num)s purchases so far"),
        N_("never bought yet"),
    ),
    "purchase_days": count(
        N_("days with a purchase"),
        NN_("%(num)s day with a purchase so far", "%(num)s days with a purchase so far"),
        N_("never bought yet"),
    ),
    "purchase_days_90d": count(
        N_("days with a purchase in %(days)s days"),
        NN_(
            "%(num)s day with a purchase in the last %(days)s days",
            "%(num)s days with a purchase in the last %(days)s days",
        ),
        N_("no purchase in the last %(days)s days"),
        90,
    ),
    "purchases_last_year": count(
        N_("purchases a year ago"),
        NN_(
            "%(num)s purchase in the same %(days)s days a year ago",
            "%(num)s purchases in the same %(days)s days a year ago",
        ),
        N_("no purchase in the same %(days)s days a year ago"),
        30,
    ),
    "returns_365d": count(
        N_("returns in %(days)s days"),
        NN_("%(num)s return in the last %(days)s days", "%(num)s returns in the last %(days)s days"),
        N_("nothing returned in the last %(days)s days"),
        365,
    ),
}
_AMOUNTS: Mapping[str, FeatureText] = {
    "average_basket_value": money(
        N_("average basket"), N_("average basket %(sum)s"), N_("no basket yet to take an average of")
    ),
    "max_basket_value": money(
        N_("largest purchase"), N_("largest purchase %(sum)s"), N_("no largest purchase yet")
    ),
    "basket_deviation": money(
        N_("how much baskets vary"),
        N_("baskets vary by %(sum)s"),
        N_("baskets do not vary, or there are too few"),
    ),
    "last_day_spend": money(
        N_("amount spent on the last day with a purchase"),
        N_("%(sum)s spent on the last day with a purchase"),
        N_("no day with a purchase yet"),
    ),
    "spend_total": money(N_("amount spent so far"), N_("%(sum)s spent so far"), N_("nothing spent so far")),
    "spend_last_year": money(
        N_("amount spent a year ago"),
        N_("%(sum)s spent in the same %(days)s days a year ago"),
        N_("nothing spent in the same %(days)s days a year ago"),
        30,
    ),
    "returned_365d": money(
        N_("amount returned in %(days)s days"),
        N_("%(sum)s returned in the last %(days)s days"),
        N_("nothing returned in the last %(days)s days"),
        365,
    ),
}
_SITE: Mapping[str, FeatureText] = {
    **{f"visits_{days}d": visits(days) for days in (7, 14, 30, 90)},
    "visit_days_30d": count(
        N_("days with a visit in %(days)s days"),
        NN_(
            "%(num)s day with a visit in the last %(days)s days",
            "%(num)s days with a visit in the last %(days)s days",
        ),
        N_("no visit in the last %(days)s days"),
        30,
    ),
    "days_since_last_visit": _SINCE_LAST_VISIT,
    "time_on_site_seconds": time_on_site(7),
    "seconds_30d": time_on_site(30),
    "ad_clicks": ad_clicks(30),
    "ad_clicks_7d": ad_clicks(7),
    "ad_clicks_90d": ad_clicks(90),
    "newsletter_opened": _NEWSLETTER_OPENED,
    "newsletter_opens_30d": newsletters(30),
    "newsletter_opens_90d": newsletters(90),
}
FEATURES: Mapping[str, FeatureText] = {
    **{f"purchases_{days}d": purchases(days) for days in _WINDOWS},
    **{f"spend_{days}d": spend(days) for days in _WINDOWS},
    **{f"decayed_purchases_{days}d": decayed_purchases(days) for days in _DECAYS},
    **{f"decayed_spend_{days}d": decayed_spend(days) for days in _DECAYS},
    **_HABITS,
    **_AMOUNTS,
    **_SITE,
}

"""The kinds of words that features have, and the families of features that differ by their days only."""

from dataclasses import dataclass
from enum import StrEnum

from salesml.web.i18n import N_, NN_


class Unit(StrEnum):
    """How a value is written: `num` of a sentence is a count or a decimal, `sum` an amount of money."""

    COUNT = "count"
    DECIMAL = "decimal"
    MONEY = "money"
    MINUTES = "minutes"
    MONTHS = "months"
    SEASON = "season"


@dataclass(frozen=True, kw_only=True)
class FeatureText:
    """`forms` tell a value, in singular and plural of what is counted; `none` tells that it is 0 and `null`
    that there is no value, or one of `null_from` or more. `days` stands in all of them."""

    label: str
    forms: tuple[str, str]
    unit: Unit = Unit.COUNT
    none: str | None = None
    null: str | None = None
    null_from: float | None = None
    days: int = 0


def money(label: str, form: str, none: str, days: int = 0) -> FeatureText:
    return FeatureText(label=label, forms=(form, form), none=none, unit=Unit.MONEY, days=days)


def count(label: str, forms: tuple[str, str], none: str, days: int = 0) -> FeatureText:
    return FeatureText(label=label, forms=forms, none=none, days=days)


def purchases(days: int) -> FeatureText:
    return count(
        N_("purchases in %(days)s days"),
        NN_("%(num)s purchase in the last %(days)s days", "%(num)s purchases in the last %(days)s days"),
        N_("no purchase in the last %(days)s days"),
        days,
    )


def spend(days: int) -> FeatureText:
    return money(
        N_("amount spent in %(days)s days"),
        N_("%(sum)s spent in the last %(days)s days"),
        N_("nothing spent in the last %(days)s days"),
        days,
    )


def decayed_purchases(days: int) -> FeatureText:
    form = N_("purchases in the last %(days)s days, newer ones counting more: %(num)s")
    return FeatureText(
        label=N_("purchases in %(days)s days, newer ones counting more"),
        forms=(form, form),
        none=N_("no purchase in the last %(days)s days"),
        unit=Unit.DECIMAL,
        days=days,
    )


def decayed_spend(days: int) -> FeatureText:
    return money(
        N_("amount spent in %(days)s days, newer purchases counting more"),
        N_("spent in the last %(days)s days, newer purchases counting more: %(sum)s"),
        N_("nothing spent in the last %(days)s days"),
        days,
    )


def visits(days: int) -> FeatureText:
    return count(
        N_("visits in %(days)s days"),
        NN_("%(num)s visit in the last %(days)s days", "%(num)s visits in the last %(days)s days"),
        N_("no visit in the last %(days)s days"),
        days,
    )


def ad_clicks(days: int) -> FeatureText:
    return count(
        N_("ad clicks in %(days)s days"),
        NN_("%(num)s ad click in the last %(days)s days", "%(num)s ad clicks in the last %(days)s days"),
        N_("no ad click in the last %(days)s days"),
        days,
    )


def newsletters(days: int) -> FeatureText:
    return count(
        N_("newsletters opened in %(days)s days"),
        NN_(
            "%(num)s newsletter opened in the last %(days)s days",
            "%(num)s newsletters opened in the last %(days)s days",
        ),
        N_("no newsletter opened in the last %(days)s days"),
        days,
    )


def time_on_site(days: int) -> FeatureText:
    return FeatureText(
        label=N_("time on site in %(days)s days"),
        forms=NN_(
            "%(num)s minute on the site in the last %(days)s days",
            "%(num)s minutes on the site in the last %(days)s days",
        ),
        none=N_("no time on the site in the last %(days)s days"),
        unit=Unit.MINUTES,
        days=days,
    )

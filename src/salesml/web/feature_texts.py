"""What features are called, and what their values say of a client, in the reader's language."""

from datetime import date, timedelta

from salesml.core.money import Currency
from salesml.web.feature_kinds import FeatureText, Unit
from salesml.web.feature_words import FEATURES
from salesml.web.i18n import Language

_MINUTE_S = 60


def label(language: Language, name: str) -> str:
    """What a feature is called; of one that there is no longer, its name."""
    text = FEATURES.get(name)
    return name if text is None else language.gettext(text.label, days=text.days)


def sentence(language: Language, name: str, value: float | None, currency: Currency) -> str:
    """What the value of a feature says of a client; amounts of money are minor units of the currency."""
    text = FEATURES.get(name)
    if text is None:
        return name if value is None else f"{name}: {language.number(value, 2)}"
    if value is None and text.null is None:
        return unknown(language, name)
    if text.null is not None and (value is None or (text.null_from is not None and value >= text.null_from)):
        return language.gettext(text.null, days=text.days)
    return _told(language, text, value or 0, currency)


def unknown(language: Language, name: str) -> str:
    """That nobody knows the value of a feature, and a usual one stood in for it."""
    return language.gettext("not known, a usual value stands in: %(what)s", what=label(language, name))


def _told(language: Language, text: FeatureText, value: float, currency: Currency) -> str:
    one, many = text.forms
    days = language.number(text.days)
    count = _counted(text.unit, value)
    if text.none is not None and (value == 0 or (text.unit is Unit.MONTHS and count == 0)):
        return language.gettext(text.none, days=days)
    if text.unit is Unit.MONEY:
        amount = currency.to_major(round(value))
        return language.gettext(one, sum=language.money(amount, currency.code), days=days)
    if text.unit is Unit.DECIMAL:
        return language.gettext(one, num=language.number(value, 1), days=days)
    if text.unit is Unit.SEASON:
        return language.gettext(one, month=_month(language, count))
    if one == many:
        return language.gettext(one, days=days)
    return language.ngettext(one, many, count, days=days)


def _counted(unit: Unit, value: float) -> int:
    if unit is Unit.MINUTES:
        return max(1, round(value / _MINUTE_S))
    return int(value) if unit is Unit.MONTHS else round(value)


def _month(language: Language, day_of_year: int) -> str:
    month = (date(2001, 1, 1) + timedelta(days=min(day_of_year, 365) - 1)).month
    return str(language.locale.months["stand-alone"]["wide"][month])

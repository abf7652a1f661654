"""Templates: one Jinja environment a language, escaping everything, refusing undefined names."""

from datetime import date, datetime
from decimal import Decimal
from functools import cache, partial
from importlib.metadata import version
from pathlib import PurePath
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from salesml.core.clients import Client, ClientLine
from salesml.core.models import ModelVersion
from salesml.core.money import Currency
from salesml.web.assets import asset_url
from salesml.web.feature_texts import label
from salesml.web.i18n import NAMES, Language, language
from salesml.web.importance import Importance, importance


def render(template: str, code: str, **values: object) -> str:
    """A template in the language of a code."""
    return environment(code).get_template(template).render(**values)


@cache
def environment(code: str) -> Environment:
    """The environment of a language; its filters write money, numbers and dates as that language does.

    `money` and `instant` take currency and time zone from `here`, the installation that every page gets.
    """
    made = Environment(
        loader=PackageLoader("salesml.web"),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    tongue = language(code)
    made.policies["ext.i18n.trimmed"] = True
    _install_texts(made, tongue)
    made.filters |= _filters(tongue)
    made.globals |= {
        "asset": asset_url,
        "language": tongue,
        "languages": NAMES,
        "version": version("salesml"),
    }
    return made


def client_name(client: Client) -> str:
    """What a client is called: by name, else by the first id that a source gave, else by our own."""
    name = " ".join(part for part in (client.first_name, client.last_name) if part)
    return name or (client.external_ids[0].external_id if client.external_ids else f"#{client.id}")


def last_purchase_day(line: ClientLine) -> int | None:
    """The epoch day of the last purchase that the scoring knew of."""
    days = line.days_since_last_purchase
    return None if days is None or line.as_of_day is None else line.as_of_day - days


def file_name(path: str) -> str:
    return PurePath(path).name


def plain(value: float) -> str:
    """A number for an input field: no grouping, no needless zeros."""
    return f"{round(value, 4):g}"


def _install_texts(made: Environment, tongue: Language) -> None:
    texts: Any = made  # the extension adds the method at run time
    texts.install_gettext_callables(tongue.texts.gettext, tongue.texts.ngettext, newstyle=True)
    plain_ngettext: Any = made.globals["ngettext"]

    @pass_context
    def ngettext(context: Context, one: str, many: str, count: int, **values: object) -> Any:
        """The same, with the count in this language's digits."""
        return plain_ngettext(context, one, many, count, **{"num": tongue.number(count), **values})

    made.globals["ngettext"] = ngettext


def _major(currency: Currency, minor: int | None) -> Decimal | None:
    return None if minor is None else currency.to_major(minor)


def _model_filters(tongue: Language) -> dict[str, Any]:
    @pass_context
    def moves(context: Context, version: ModelVersion) -> Importance:
        return importance(tongue, version, context["here"].currency)

    return {"feature": partial(label, tongue), "importance": moves}


def _filters(tongue: Language) -> dict[str, Any]:
    @pass_context
    def money(context: Context, amount: Decimal | float | None, digits: int | None = None) -> str:
        return tongue.money(amount, context["here"].currency.code, digits)

    @pass_context
    def minor(context: Context, amount: int | None, digits: int | None = None) -> str:
        currency = context["here"].currency
        return tongue.money(_major(currency, amount), currency.code, digits)

    @pass_context
    def minor_span(context: Context, lower: int | None, upper: int | None) -> str:
        currency = context["here"].currency
        return tongue.money_span(_major(currency, lower), _major(currency, upper), currency.code)

    @pass_context
    def instant(context: Context, at: datetime | None, style: str = "medium") -> str:
        return tongue.instant(at, context["here"].zone, style)

    @pass_context
    def calendar_day(context: Context, at: datetime | None, style: str = "medium") -> str:
        return tongue.day(None if at is None else at.astimezone(context["here"].zone).date(), style)

    def foreign(minor: int | None, currency: str) -> str:
        return tongue.money(_major(Currency(currency), minor), currency)

    def iso(day: date | datetime) -> str:
        return day.isoformat()

    return _model_filters(tongue) | {
        "calendar_day": calendar_day,
        "client_name": client_name,
        "file_name": file_name,
        "foreign": foreign,
        "last_purchase_day": last_purchase_day,
        "plain": plain,
        "money": money,
        "minor": minor,
        "minor_span": minor_span,
        "instant": instant,
        "iso": iso,
        "number": tongue.number,
        "percent": tongue.percent,
        "day": tongue.day,
        "month": tongue.month,
    }

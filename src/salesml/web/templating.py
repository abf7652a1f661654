"""Templates: one Jinja environment a language, escaping everything, refusing undefined names."""

from datetime import date, datetime
from decimal import Decimal
from functools import cache
from importlib.metadata import version
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from salesml.web.assets import asset_url
from salesml.web.i18n import NAMES, Language, language


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


def _install_texts(made: Environment, tongue: Language) -> None:
    texts: Any = made  # the extension adds the method at run time
    texts.install_gettext_callables(tongue.texts.gettext, tongue.texts.ngettext, newstyle=True)


def _filters(tongue: Language) -> dict[str, Any]:
    @pass_context
    def money(context: Context, amount: Decimal | float | None, digits: int | None = None) -> str:
        return tongue.money(amount, context["here"].currency.code, digits)

    @pass_context
    def minor(context: Context, amount: int | None, digits: int | None = None) -> str:
        currency = context["here"].currency
        return tongue.money(None if amount is None else currency.to_major(amount), currency.code, digits)

    @pass_context
    def instant(context: Context, at: datetime | None, style: str = "medium") -> str:
        return tongue.instant(at, context["here"].zone, style)

    def iso(day: date | datetime) -> str:
        return day.isoformat()

    return {
        "money": money,
        "minor": minor,
        "instant": instant,
        "iso": iso,
        "number": tongue.number,
        "percent": tongue.percent,
        "day": tongue.day,
        "month": tongue.month,
    }

"""Languages of the pages: texts by gettext, and money, numbers and dates as a reader writes them.

Message ids are English. What is absent (None) is shown as a dash everywhere.
"""

import io
import re
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from gettext import GNUTranslations
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale, dates, numbers
from babel.core import negotiate_locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from salesml.core.days import date_of

FOLDER = Path(__file__).parent / "translations"
DOMAIN = "messages"
ABSENT = "\u2013"
NO_BREAK = "\u00a0"
LOCALES = {"pl": Locale("pl", "PL"), "en": Locale("en", "GB")}
"""By language code; the first one is the default."""
NAMES = {"pl": "Polski", "en": "English"}
DEFAULT = next(iter(LOCALES))


def N_(message: str) -> str:  # noqa: N802 (gettext's name for it)
    """Mark a text for translation where it stands; it is translated where it is shown."""
    return message


def NN_(one: str, many: str) -> tuple[str, str]:  # noqa: N802
    """The same for a text with a plural, which `ngettext` then shows."""
    return one, many


@dataclass(frozen=True, kw_only=True)
class Language:
    """One language: its code, its locale for formats, its texts."""

    code: str
    locale: Locale = field(repr=False)
    texts: GNUTranslations = field(repr=False)

    def gettext(self, message: str, **values: object) -> str:
        """The text in this language, with `%(name)s` filled in."""
        return _filled(self.texts.gettext(message), values)

    def ngettext(self, one: str, many: str, count: int, **values: object) -> str:
        """The plural form for a count; `%(num)s` is the count, written in this language's digits."""
        found = self.texts.ngettext(one, many, count)
        return _filled(found, {"num": self.number(count), **values})

    def money(self, amount: Decimal | float | None, currency: str, digits: int | None = None) -> str:
        """An amount in major units; `digits` decimals, or as many as the currency has."""
        if amount is None:
            return ABSENT
        pattern = copy(self.locale.currency_formats["standard"])
        pattern.frac_prec = (0, 0) if digits is None else (digits, digits)
        text = pattern.apply(amount, self.locale, currency=currency, currency_digits=digits is None)
        return re.sub(r"(?<=[A-Za-z])(?=\d)", NO_BREAK, str(text))

    def money_span(self, lower: Decimal | None, upper: Decimal | None, currency: str, digits: int = 0) -> str:
        """From one amount to another in major units, the currency written once."""
        if lower is None or upper is None:
            return ABSENT
        if lower == upper:
            return self.money(upper, currency, digits)
        first, last = self.money(lower, currency, digits), self.money(upper, currency, digits)
        if last[-1].isdigit():
            return f"{first} {ABSENT} {self.number(upper, digits)}"
        return f"{self.number(lower, digits)} {ABSENT} {last}"

    def number(self, value: Decimal | float | None, digits: int = 0) -> str:
        """A number with exactly `digits` decimals."""
        if value is None:
            return ABSENT
        decimals = f"#,##0.{'0' * digits}" if digits else "#,##0"
        return str(numbers.format_decimal(value, format=decimals, locale=self.locale))

    def percent(self, share: Decimal | float | None, digits: int = 0) -> str:
        """A share from 0 to 1 as per cent."""
        if share is None:
            return ABSENT
        pattern = copy(self.locale.percent_formats[None])
        pattern.frac_prec = (digits, digits)
        return str(pattern.apply(share, self.locale))

    def day(self, day: date | int | None, style: str = "medium") -> str:
        """A day, given as a date or an epoch day; `style` is short, medium, long or full."""
        if day is None:
            return ABSENT
        return str(dates.format_date(_date(day), format=style, locale=self.locale))

    def month(self, day: date | int | None, *, short: bool = False) -> str:
        """The month of a day, such as `listopad 2026`, or `lis 2026`."""
        if day is None:
            return ABSENT
        skeleton = "yMMM" if short else "yMMMM"
        return str(dates.format_skeleton(skeleton, _date(day), locale=self.locale))

    def instant(self, at: datetime | None, zone: ZoneInfo, style: str = "medium") -> str:
        """Day and minute of an instant on the shop's clock."""
        if at is None:
            return ABSENT
        local = at.astimezone(zone)
        day = dates.format_date(local, format=style, locale=self.locale)
        return f"{day}, {dates.format_time(local, format='HH:mm', locale=self.locale)}"


@cache
def language(code: str) -> Language:
    """The language of a code in LOCALES."""
    return Language(code=code, locale=LOCALES[code], texts=_texts(code))


def choose(wishes: Sequence[str | None], accept_language: str = "") -> Language:
    """The first wish that is a language of ours, else what the browser asks for, else the default."""
    for wish in wishes:
        if wish in LOCALES:
            return language(wish)
    found = negotiate_locale(_accepted(accept_language), list(LOCALES), sep="-")
    return language((found or DEFAULT)[:2])


def _accepted(header: str) -> list[str]:
    """Tags of an Accept-Language header, the most wanted first; what is malformed is passed over."""
    wanted: list[tuple[float, str]] = []
    for part in header[:1000].split(","):
        tag, _, quality = part.strip().partition(";q=")
        try:
            weight = float(quality or 1)
        except ValueError:
            continue
        if re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", tag) and 0 < weight <= 1:
            wanted.append((-weight, tag.lower()))
    return [tag for _, tag in sorted(wanted, key=lambda pair: pair[0])]


def _texts(code: str) -> GNUTranslations:
    """The compiled catalogue; compiled here when its source is newer, as while texts are written."""
    source = FOLDER / code / "LC_MESSAGES" / f"{DOMAIN}.po"
    compiled = source.with_suffix(".mo")
    if compiled.exists() and compiled.stat().st_mtime >= source.stat().st_mtime:
        return GNUTranslations(io.BytesIO(compiled.read_bytes()))
    made = io.BytesIO()
    with source.open("rb") as file:
        write_mo(made, read_po(file, locale=code))
    made.seek(0)
    return GNUTranslations(made)


def _filled(text: str, values: dict[str, object]) -> str:
    return text % values if values else text


def _date(day: date | int) -> date:
    return date_of(day) if isinstance(day, int) else day

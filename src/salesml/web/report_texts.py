"""Words for reports on data: what models need, what is missing, and why the numbers are what they are."""

import re
from collections.abc import Callable, Mapping
from datetime import date

from salesml.web import model_texts
from salesml.web.i18n import N_, Language

CLAIMS: Mapping[str, str] = {
    "sales_clients": N_("Sales forecast of every stored client"),
    "purchase_clients": N_("Purchase prediction of every stored client"),
    "sales_kernel": N_("Sales forecast from five inputs, over the API"),
    "purchase_kernel": N_("Purchase prediction from five inputs, over the API"),
}
ORDER_KINDS: Mapping[str, str] = {
    "sale": N_("Sales"),
    "cancellation": N_("Cancellations"),
    "refund": N_("Refunds"),
    "adjustment": N_("Adjustments"),
}
CONSENTS: Mapping[str, str] = {
    "marketing_email": N_("Marketing by e-mail"),
    "ad_user_data": N_("Data for advertisers"),
    "ad_personalization": N_("Personalised advertisements"),
}
_SPAN = (
    r"training needs (?P<needed>\d+) days between .* there are (?P<found>-?\d+) "
    r"\((?P<first>\S+) to (?P<last>\S+); .*\)"
)
_COUNTED = (
    r".* model: training needs (?P<needed>\d+) rows .*there are (?P<found>\d+) "
    r"among (?P<clients>\d+) clients? at (?P<dates>\d+) training dates? \((?P<first>\S+) to (?P<last>\S+)\).*"
)
_COUNTED_BY_FEATURE = _COUNTED.replace(
    "rows .*there", r"rows .*\((?P<each>\d+) for each of (?P<features>\d+) .*there"
)
_REASONS = (
    (r"there are no orders; .*", N_("There are no orders yet.")),
    (
        r"no orders up to (?P<day>\S+): training needs (?P<needed>\d+) days of orders",
        N_("There are no orders of clients up to %(day)s; %(needed)s days of them are needed."),
    ),
    (
        _SPAN,
        N_(
            "Orders span %(found)s days (%(first)s to %(last)s); %(needed)s are needed: a month of history, "
            "a month to learn from and a month to judge by."
        ),
    ),
    (
        r"no orders in the \d+ days up to (?P<day>\S+): the last one is of (?P<last>\S+); .*",
        N_(
            "There are no orders in the month before %(day)s, by which models are judged; the last one "
            "is of %(last)s."
        ),
    ),
    (
        r".* model: none of its features is known and varies up to (?P<day>\S+?)(?::.*)?",
        N_(
            "Nothing that it learns from is known up to %(day)s; it needs visits, newsletter opens, "
            "ad clicks or time on site."
        ),
    ),
    (
        _COUNTED_BY_FEATURE,
        N_(
            "%(found)s buyers at %(dates)s past dates, of %(clients)s clients; %(needed)s are needed: "
            "%(each)s for each of the %(features)s inputs, since with fewer a model learns chance."
        ),
    ),
    (
        _COUNTED,
        N_(
            "%(found)s buyers at %(dates)s past dates, of %(clients)s clients; %(needed)s are needed, since "
            "with fewer every month would give another model."
        ),
    ),
    (
        r".* model: judging needs (?P<needed>\d+) clients .* (?P<day>\S+), there are (?P<found>\d+) of .*",
        N_(
            "%(found)s buyers after %(day)s, the date that judges; %(needed)s are needed to tell skill from "
            "luck."
        ),
    ),
    (
        r".* model: all (?P<clients>\d+) clients? bought within (?P<days>\d+) days after (?P<day>\S+); .*",
        N_(
            "All %(clients)s clients bought within %(days)s days after %(day)s; at least one who did not is "
            "needed."
        ),
    ),
)


def sayer(language: Language) -> Callable[[str], str]:
    """Says what is missing in the reader's language; as it is where nobody translated it."""
    return lambda text: said(language, text)


def said(language: Language, text: str) -> str:
    """One reason of a report."""
    for pattern, message in _REASONS:
        if found := re.fullmatch(pattern, text, re.DOTALL):
            values = {name: _value(language, value) for name, value in found.groupdict().items()}
            return language.gettext(message, **values)
    return model_texts.said(language, text)


def _value(language: Language, value: str) -> str:
    if re.fullmatch(r"-?\d+", value):
        return language.number(int(value))
    return language.day(date.fromisoformat(value)) if re.fullmatch(r"\d{4}-\d\d-\d\d", value) else value

"""Order files: checks of a row, and lines summed into orders."""

from collections.abc import Mapping, Sequence

from salesml.core.files import FileReading
from salesml.core.money import MAX_MINOR, Currency
from salesml.core.orders import OrderKind
from salesml.data import dates, money, numbers, statuses
from salesml.data.codes import Problem
from salesml.data.plan import (
    Plan,
    cleaned_fields,
    decimal_of,
    emails_of,
    missing,
    moment_problems,
    number_problems,
    profile_of,
    text_problems,
)
from salesml.data.sql import Step, quoted

FIELDS = (
    "order_id",
    "client_id",
    "ordered_at",
    "amount",
    "currency",
    "kind",
    "cancels",
    "product",
    "quantity",
    "unit_price",
)
PARTS = ("tax", "shipping", "shipping_tax")
"""Parts of the money that may be taken out of it."""
ORIGINAL = ("original_amount", "original_currency")
"""What was paid in another currency, of an order that is converted already: our own exports say so."""
OPTIONAL = ("fallback_id", "status", *PARTS, "refunded", "refunded_at", *ORIGINAL)
FROM_FILE = "file:"
"""Begins the order number of a row that has none: file hash and row follow."""


def plan(reading: FileReading, currency: Currency, file_sha256: str) -> Plan:
    """The plan of an order file. Of line items, kind and sign are judged on the finished order."""
    profile = profile_of(reading)
    numbered = "order_id" in reading.mapping
    outputs = {
        "order_id": "order_key",
        "client_external_id": "client_id",
        "cancels": "cancels",
        "amount": "TRY_CAST(minor AS BIGINT)",
        "kind": "kind_word",
        "currency": f"CASE WHEN currency <> {quoted(currency.code)} "
        f"THEN nullif(upper(currency), {quoted(currency.code)}) END",
        "rate_day": "NULL::INTEGER",
        "original_amount": "NULL::BIGINT",
    }
    if _was_converted(reading):
        outputs |= {
            "currency": "CASE WHEN was_converted THEN upper(original_currency) "
            f"ELSE {outputs['currency']} END",
            "original_amount": "CASE WHEN was_converted THEN TRY_CAST(original_minor AS BIGINT) END",
        }
    if reading.lines:
        outputs |= dict(zip(("whole", "frac", "exponent"), (*_sum(reading), "exponent"), strict=True))
    elif takes_back(reading):
        outputs["taken_back"] = "TRY_CAST(taken_back AS BIGINT)"
    fields = (*FIELDS, *(name for name in OPTIONAL if name in reading.mapping))
    return Plan(
        fields=fields,
        steps=_steps(reading, fields, currency, file_sha256),
        problems=_problems(reading, currency),
        outputs=outputs,
        moment="ordered_at",
        instant="ordered_at",
        day="ordered_day",
        keys=("order_id",) if numbered else (),
        key_field="order_id",
        key_text="order_id",
        moments=_moments(reading, fields),
        emails=emails_of(reading, "client_id", "fallback_id"),
        utc=profile.utc,
        skip=" AND ".join(f"{name} IS NULL" for name in profile.continues),
    )


def _moments(reading: FileReading, fields: Sequence[str]) -> Mapping[str, Sequence[Step]]:
    if "refunded_at" not in reading.mapping or not takes_back(reading):
        return {}
    return {"refunded_at": [cleaned_fields(fields), *dates.read("refunded_at", reading.date_format)]}


def takes_back(reading: FileReading) -> bool:
    """Whether a row may bring both a sale and what of it went back."""
    return not reading.lines and ("refunded" in reading.mapping or "status" in reading.mapping)


def _factors(reading: FileReading) -> list[str]:
    return ["amount"] if "amount" in reading.mapping else ["quantity", "unit_price"]


def _parts(reading: FileReading) -> list[str]:
    return [name for name in PARTS if name in reading.mapping]


def _was_converted(reading: FileReading) -> bool:
    return not reading.lines and reading.mapping.keys() >= set(ORIGINAL)


def _originals(reading: FileReading, currency: Currency) -> list[Step]:
    """`was_converted`, and `original_minor` in minor units of the original currency."""
    if not _was_converted(reading):
        return []
    own = f"coalesce(upper(currency), {quoted(currency.code)}) = {quoted(currency.code)}"
    exponent = money.exponent_of("original_currency", currency)
    return [
        *numbers.parsed("original_amount", decimal_of(reading)),
        money.units("original_amount"),
        {
            "was_converted": f"{own} AND original_amount IS NOT NULL AND original_currency IS NOT NULL",
            "original_minor": money.minor_by(exponent, *money.parts("original_amount_units")),
        },
    ]


def _extras(reading: FileReading) -> list[str]:
    """Further columns of money that the row's own needs."""
    refunded = ["refunded"] if "refunded" in reading.mapping and takes_back(reading) else []
    original = ["original_amount"] if _was_converted(reading) else []
    return [*_parts(reading), *refunded, *original]


def _steps(
    reading: FileReading, fields: Sequence[str], currency: Currency, file_sha256: str
) -> Sequence[Step]:
    profile, factors, parts = profile_of(reading), _factors(reading), _parts(reading)
    unnumbered = f"{quoted(f'{FROM_FILE}{file_sha256[:16]}:')} || row"
    word = "lower(kind)"
    if not reading.lines:
        word = f"coalesce({word}, CASE WHEN minor < 0 THEN 'cancellation' ELSE 'sale' END)"
    return [
        cleaned_fields(fields, guarded=profile.guarded, instead=_client(reading, profile.guests)),
        {"order_key": f"coalesce(order_id, {unnumbered})", "exponent": _exponent(reading, currency)},
        *(step for name in (*factors, *parts) for step in numbers.parsed(name, decimal_of(reading))),
        *numbers.exact(factors),
        *((*map(money.units, parts), *money.without(parts)) if parts else ()),
        {"minor": _minor(reading, currency, *_sum(reading))},
        {"kind_word": word},
        *(_status(reading)),
        *(_taken_back(reading, currency) if takes_back(reading) else ()),
        *_originals(reading, currency),
        *dates.read("ordered_at", reading.date_format),
    ]


def _client(reading: FileReading, guests: Sequence[str]) -> Step:
    """The client's id, where nobody's ids and missing ones give way to the fallback."""
    if not guests and "fallback_id" not in reading.mapping:
        return {}
    own = "nullif(raw_client_id, '')"
    for guest in guests:
        own = f"nullif({own}, {quoted(guest)})"
    fallback = "nullif(raw_fallback_id, '')" if "fallback_id" in reading.mapping else "NULL"
    return {"client_id": f"coalesce({own}, {fallback})"}


def _exponent(reading: FileReading, currency: Currency) -> str:
    foreign = "currency" in reading.mapping
    return money.exponent_of("currency", currency) if foreign else f"{currency.exponent}::TINYINT"


def _sum(reading: FileReading) -> tuple[str, str]:
    """Columns of the money that counts."""
    return ("net_whole", "net_frac") if _parts(reading) else ("whole", "frac")


def _minor(reading: FileReading, currency: Currency, whole: str, frac: str) -> str:
    if profile_of(reading).minor:
        return numbers.minor(whole, frac, 0)
    if "currency" in reading.mapping:
        return money.minor_by("exponent", whole, frac)
    return numbers.minor(whole, frac, currency.exponent)


def _status(reading: FileReading) -> list[Step]:
    return [{"status_word": statuses.word("status")}] if "status" in reading.mapping else []


def _taken_back(reading: FileReading, currency: Currency) -> list[Step]:
    """`taken_back`: minor units of the sale that went back, or NULL.

    A refund is of the gross amount; of an amount that counts without tax or delivery it takes its share.
    """
    steps: list[Step] = []
    cases = []
    if "refunded" in reading.mapping:
        whole, frac = (f"(abs(refunded_units) {sign} {numbers.ONE})" for sign in ("//", "%"))
        steps = [
            *numbers.parsed("refunded", decimal_of(reading)),
            money.units("refunded"),
            {
                "refunded_minor": _minor(reading, currency, whole, frac),
                "gross_minor": _minor(reading, currency, "whole", "frac"),
            },
        ]
        part = money.share("minor", "refunded_minor", "gross_minor")
        cases += [
            "WHEN refunded_minor >= gross_minor THEN minor",
            f"WHEN refunded_minor > 0 THEN {part}",
        ]
    if "status" in reading.mapping:
        cases.append(f"WHEN regexp_full_match(status_word, {quoted(statuses.REFUNDED)}) THEN minor")
    sale = "WHEN kind_word <> 'sale' OR minor <= 0 THEN NULL"
    return [*steps, {"taken_back": f"CASE {sale} {' '.join(cases)} END"}]


def _problems(reading: FileReading, currency: Currency) -> Sequence[Problem]:
    factors = _factors(reading)
    kinds = ", ".join(quoted(kind) for kind in OrderKind)
    found = [
        *_status_problems(reading),
        *text_problems("order_id", "client_id", "cancels"),
        *missing("ordered_at"),
        *moment_problems("ordered_at", reading.date_format),
        *(problem for name in factors for problem in (*missing(name), *number_problems(name))),
        *(problem for name in _extras(reading) for problem in number_problems(name, optional=True)),
        Problem(field=factors[-1], code="too_precise", when=f"decimals > {numbers.DECIMALS}"),
        Problem(
            field="currency",
            code="not_a_currency",
            when=f"currency <> {quoted(currency.code)} AND NOT regexp_full_match(currency, '[A-Za-z]{{3}}')",
        ),
        Problem(
            field=factors[-1],
            code="out_of_range",
            when=f"units IS NULL OR minor IS NULL OR minor NOT BETWEEN {-MAX_MINOR} AND {MAX_MINOR}",
        ),
        Problem(field="kind", code="unknown_kind", when=f"lower(kind) NOT IN ({kinds})"),
    ]
    return found if reading.lines else found + sign_problems(factors[-1], "minor")


def _status_problems(reading: FileReading) -> list[Problem]:
    if "status" not in reading.mapping:
        return []
    when = f"regexp_full_match(status_word, {quoted(statuses.NO_SALE)})"
    return [Problem(field="status", code="no_sale", when=when)]


def sign_problems(field: str, amount: str) -> list[Problem]:
    """A sale brings money in; a cancellation or refund takes it back; an adjustment does either."""
    return [
        Problem(
            field=field,
            code="negative",
            when=f"kind_word = 'sale' AND {amount} < 0",
            words="of a sale must not be negative",
        ),
        Problem(
            field=field,
            code="positive",
            when=f"kind_word IN ('cancellation', 'refund') AND {amount} > 0",
            words="of a cancellation or refund must not be positive",
        ),
    ]

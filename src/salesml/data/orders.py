"""Order files: checks of a row, and lines summed into orders."""

from collections.abc import Mapping, Sequence

from salesml.core.files import FileReading
from salesml.core.money import MAX_MINOR, Currency
from salesml.core.orders import OrderKind
from salesml.data import amounts, dates, numbers, statuses
from salesml.data.codes import Problem
from salesml.data.number_styles import foreign
from salesml.data.plan import (
    Plan,
    cleaned_fields,
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
OPTIONAL = ("fallback_id", "status", *amounts.PARTS, "refunded", "refunded_at", *amounts.ORIGINAL)
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
    if amounts.was_converted(reading):
        outputs |= {
            "currency": "CASE WHEN was_converted THEN upper(original_currency) "
            f"ELSE {outputs['currency']} END",
            "original_amount": "CASE WHEN was_converted THEN TRY_CAST(original_minor AS BIGINT) END",
        }
    if reading.lines:
        whole, frac = amounts.counted(reading)
        outputs |= {"whole": whole, "frac": frac, "exponent": "exponent"}
    elif amounts.takes_back(reading):
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
    if "refunded_at" not in reading.mapping or not amounts.takes_back(reading):
        return {}
    return {"refunded_at": [cleaned_fields(fields), *dates.read("refunded_at", reading.date_format)]}


def _steps(
    reading: FileReading, fields: Sequence[str], currency: Currency, file_sha256: str
) -> Sequence[Step]:
    profile = profile_of(reading)
    unnumbered = f"{quoted(f'{FROM_FILE}{file_sha256[:16]}:')} || row"
    word = "lower(kind)"
    if not reading.lines:
        word = f"coalesce({word}, CASE WHEN minor < 0 THEN 'cancellation' ELSE 'sale' END)"
    return [
        cleaned_fields(fields, guarded=profile.guarded, instead=_client(reading, profile.guests)),
        {"order_key": f"coalesce(order_id, {unnumbered})"},
        *amounts.sums(reading, currency),
        {"kind_word": word},
        *(_status(reading)),
        *(amounts.taken_back(reading, currency) if amounts.takes_back(reading) else ()),
        *amounts.originals(reading, currency),
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


def _status(reading: FileReading) -> list[Step]:
    return [{"status_word": statuses.word("status")}] if "status" in reading.mapping else []


def _problems(reading: FileReading, currency: Currency) -> Sequence[Problem]:
    factors = amounts.factors(reading)
    kinds = ", ".join(quoted(kind) for kind in OrderKind)
    found = [
        *_status_problems(reading),
        *text_problems("order_id", "client_id", "cancels"),
        *missing("ordered_at"),
        *moment_problems("ordered_at", reading.date_format),
        *(problem for name in factors for problem in (*missing(name), *number_problems(name))),
        *(problem for name in amounts.extras(reading) for problem in number_problems(name, optional=True)),
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
        *_foreign_problems(reading, factors[-1], currency),
    ]
    return found if reading.lines else found + sign_problems(factors[-1], "minor")


def _foreign_problems(reading: FileReading, name: str, currency: Currency) -> list[Problem]:
    """A sign of another currency, where no column of currencies says that it was meant."""
    if "currency" in reading.mapping:
        return []
    words = f"is not in {currency.code}; map the column of currencies"
    return [Problem(field=name, code="no_rate", when=foreign(name, currency.code), words=words)]


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

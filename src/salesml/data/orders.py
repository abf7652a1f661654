"""Order files: checks of a row, and lines summed into orders."""

from collections.abc import Sequence

from salesml.core.files import FileReading
from salesml.core.imports import ImportKind
from salesml.core.money import MAX_MINOR, Currency
from salesml.core.orders import OrderKind
from salesml.data import dates, numbers
from salesml.data.codes import Problem
from salesml.data.columns import SYNONYMS
from salesml.data.plan import Plan, cleaned_fields, missing, moment_problems, text_problems
from salesml.data.sql import Step, quoted

FIELDS = tuple(SYNONYMS[ImportKind.ORDERS])
FROM_FILE = "file:"
"""Begins the order number of a row that has none: file hash and row follow."""


def plan(reading: FileReading, currency: Currency, file_sha256: str) -> Plan:
    """The plan of an order file. Of line items, kind and sign are judged on the finished order."""
    numbered = "order_id" in reading.mapping
    factors = ["amount"] if "amount" in reading.mapping else ["quantity", "unit_price"]
    outputs = {
        "order_id": "order_key",
        "client_external_id": "client_id",
        "cancels": "cancels",
        "amount": "minor::BIGINT",
        "kind": "kind_word",
    }
    if reading.lines:
        outputs |= {"whole": "whole", "frac": "frac"}
    return Plan(
        fields=FIELDS,
        steps=_steps(reading, currency, file_sha256, factors),
        problems=_problems(reading, currency, factors),
        outputs=outputs,
        moment="ordered_at",
        instant="ordered_at",
        day="ordered_day",
        keys=("order_id",) if numbered else (),
        key_field="order_id",
        key_text="order_id",
    )


def _steps(reading: FileReading, currency: Currency, file_sha256: str, factors: list[str]) -> list[Step]:
    unnumbered = f"{quoted(f'{FROM_FILE}{file_sha256[:16]}:')} || row"
    word = "lower(kind)"
    if not reading.lines:
        word = f"coalesce({word}, CASE WHEN minor < 0 THEN 'cancellation' ELSE 'sale' END)"
    return [
        cleaned_fields(FIELDS),
        {"order_key": f"coalesce(order_id, {unnumbered})"},
        *(step for name in factors for step in numbers.parsed(name)),
        *numbers.exact(factors),
        {"minor": numbers.minor("whole", "frac", currency.exponent)},
        {"kind_word": word},
        *dates.read("ordered_at", reading.date_format),
    ]


def _problems(reading: FileReading, currency: Currency, factors: list[str]) -> Sequence[Problem]:
    kinds = ", ".join(quoted(kind) for kind in OrderKind)
    found = [
        *text_problems("order_id", "client_id", "cancels"),
        *missing("ordered_at"),
        *moment_problems("ordered_at", reading.date_format),
        *(problem for name in factors for problem in _number_problems(name)),
        Problem(field=factors[-1], code="too_precise", when=f"decimals > {numbers.DECIMALS}"),
        Problem(
            field=factors[-1],
            code="out_of_range",
            when=f"units IS NULL OR minor NOT BETWEEN {-MAX_MINOR} AND {MAX_MINOR}",
        ),
        Problem(
            field="currency",
            code="other_currency",
            when=f"upper(currency) <> {quoted(currency.code)}",
            words=f"is not {currency.code}, the currency of this installation",
        ),
        Problem(field="kind", code="unknown_kind", when=f"lower(kind) NOT IN ({kinds})"),
    ]
    return found if reading.lines else found + sign_problems(factors[-1], "minor")


def _number_problems(name: str) -> list[Problem]:
    return [
        *missing(name),
        Problem(field=name, code="not_a_number", when=f"NOT {name}_ok"),
        Problem(field=name, code="out_of_range", when=f"{name}_digits IS NULL"),
    ]


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

"""What an order's row counts: its money without the parts that are left out, what of it went back, and what
was paid in another currency."""

from salesml.core.files import FileReading
from salesml.core.money import Currency
from salesml.data import money, numbers, statuses
from salesml.data.plan import decimal_of, profile_of
from salesml.data.sql import Step, quoted

PARTS = ("tax", "shipping", "shipping_tax")
"""Parts of the money that may be taken out of it."""
ORIGINAL = ("original_amount", "original_currency")
"""What was paid in another currency, of an order that is converted already: our own exports say so."""


def sums(reading: FileReading, currency: Currency) -> list[Step]:
    """Steps to `whole` and `frac` of the gross sum, the columns `counted` and their `minor` units."""
    parts, decimal = _parts(reading), decimal_of(reading)
    return [
        {"exponent": _exponent(reading, currency)},
        *(step for name in (*factors(reading), *parts) for step in numbers.parsed(name, decimal)),
        *numbers.exact(factors(reading)),
        *((*map(money.units, parts), *money.without(parts)) if parts else ()),
        {"minor": _minor(reading, currency, *counted(reading))},
    ]


def takes_back(reading: FileReading) -> bool:
    """Whether a row may bring both a sale and what of it went back."""
    return not reading.lines and ("refunded" in reading.mapping or "status" in reading.mapping)


def factors(reading: FileReading) -> list[str]:
    """Columns whose product is the gross sum."""
    return ["amount"] if "amount" in reading.mapping else ["quantity", "unit_price"]


def _parts(reading: FileReading) -> list[str]:
    return [name for name in PARTS if name in reading.mapping]


def was_converted(reading: FileReading) -> bool:
    """Whether a row may say what was paid before it was converted."""
    return not reading.lines and reading.mapping.keys() >= set(ORIGINAL)


def originals(reading: FileReading, currency: Currency) -> list[Step]:
    """`was_converted`, and `original_minor` in minor units of the original currency."""
    if not was_converted(reading):
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


def extras(reading: FileReading) -> list[str]:
    """Further columns of money that the row's own needs."""
    refunded = ["refunded"] if "refunded" in reading.mapping and takes_back(reading) else []
    original = ["original_amount"] if was_converted(reading) else []
    return [*_parts(reading), *refunded, *original]


def _exponent(reading: FileReading, currency: Currency) -> str:
    foreign = "currency" in reading.mapping
    return money.exponent_of("currency", currency) if foreign else f"{currency.exponent}::TINYINT"


def counted(reading: FileReading) -> tuple[str, str]:
    """Columns of the money that counts."""
    return ("net_whole", "net_frac") if _parts(reading) else ("whole", "frac")


def _minor(reading: FileReading, currency: Currency, whole: str, frac: str) -> str:
    if profile_of(reading).minor:
        return numbers.minor(whole, frac, 0)
    if "currency" in reading.mapping:
        return money.minor_by("exponent", whole, frac)
    return numbers.minor(whole, frac, currency.exponent)


def taken_back(reading: FileReading, currency: Currency) -> list[Step]:
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

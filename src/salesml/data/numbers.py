"""Exact numbers in SQL: products and sums of decimals, rounded half-even once.

A number is kept as `whole` (its floor) and `frac` (what is left, in units of 1e-18, from 0 up to 1e18):
both fit 64 bits in Arrow and Parquet, and their sums fit DuckDB's 128 bits for any number of rows.
DuckDB's own DECIMAL rounds half away from zero and HUGEINT becomes a float in Parquet, so neither is used.
"""

from salesml.data import number_styles
from salesml.data.number_styles import PLAIN_ONLY
from salesml.data.sql import Step

DECIMALS = 18
ONE = f"{10**DECIMALS}::HUGEINT"
MAX_DIGITS = 36
MAX_UNITS = 1e17
POWERS = "[" + ", ".join(f"{10**power}::HUGEINT" for power in range(DECIMALS + 1)) + "]"


def parsed(name: str, decimal: str | None = PLAIN_ONLY) -> list[Step]:
    """Steps that read text column `name`: {name}_ok, {name}_unclear (it is a number by two readings and
    `decimal` does not choose), {name}_digits (its digits as one integer, with sign; NULL beyond MAX_DIGITS)
    and {name}_decimals (digits after the point, final zeros not counted)."""
    return [
        *number_styles.plain_text(name, decimal),
        {
            f"{name}_short": f"CASE WHEN NOT {name}_ok THEN NULL "
            f"WHEN contains({name}_text, '.') THEN rtrim(rtrim({name}_text, '0'), '.') ELSE {name}_text END"
        },
        {
            f"{name}_digits": f"CASE WHEN length({name}_short) <= {MAX_DIGITS} "
            f"THEN coalesce(TRY_CAST(replace({name}_short, '.', '') AS HUGEINT), 0) END",
            f"{name}_decimals": f"CASE WHEN contains({name}_short, '.') "
            f"THEN length({name}_short) - strpos({name}_short, '.') ELSE 0 END",
        },
    ]


def exact(names: list[str]) -> list[Step]:
    """Steps that multiply parsed columns exactly: `decimals`, then `whole` and `frac`, which are NULL when
    there are more than 18 decimals or the product is out of reach."""
    product = " * ".join(f"{name}_digits" for name in names)
    size = " * ".join(f"{name}_digits::DOUBLE" for name in names)
    decimals = " + ".join(f"{name}_decimals" for name in names)
    return [
        {"decimals": decimals, "size": f"abs({size})"},
        {
            "units": f"CASE WHEN decimals <= {DECIMALS} AND size < {MAX_UNITS} * power(10::DOUBLE, decimals) "
            f"THEN {product} * {POWERS}[{DECIMALS + 1} - decimals] END"
        },
        {
            "whole": f"CAST(CASE WHEN units >= 0 THEN units // {ONE} "
            f"ELSE 0 - ((0 - units + {ONE} - 1) // {ONE}) END AS BIGINT)"
        },
        {"frac": f"CAST(units - whole::HUGEINT * {ONE} AS BIGINT)"},
    ]


def minor(whole: str, frac: str, exponent: int) -> str:
    """HUGEINT minor units of whole + frac * 1e-18, rounded half-even.

    `frac` may be a sum of many, far above 1e18, but is never negative.
    """
    unit = f"{10 ** (DECIMALS - exponent)}::HUGEINT"
    half = f"{5 * 10 ** (DECIMALS - exponent - 1)}::HUGEINT"
    floor = f"({whole}::HUGEINT * {10**exponent} + {frac}::HUGEINT // {unit})"
    rest = f"({frac}::HUGEINT % {unit})"
    up = f"({rest} > {half} OR ({rest} = {half} AND {floor} % 2 <> 0))"
    return f"({floor} + CASE WHEN {up} THEN 1 ELSE 0 END)"

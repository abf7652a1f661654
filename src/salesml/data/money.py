"""Money of a row in SQL: parts taken out of a sum, and the minor units of any currency. See `numbers`."""

from collections.abc import Sequence

from salesml.core.money import EXPONENTS, Currency
from salesml.data import numbers
from salesml.data.sql import Step, quoted


def units(name: str) -> Step:
    """{name}_units: a parsed column in units of 1e-18; 0 when it is empty, NULL when it is out of reach."""
    size = f"abs({name}_digits::DOUBLE) < {numbers.MAX_UNITS} * power(10::DOUBLE, {name}_decimals)"
    power = f"{numbers.POWERS}[{numbers.DECIMALS + 1} - {name}_decimals]"
    read = f"WHEN {name}_decimals <= {numbers.DECIMALS} AND {size} THEN {name}_digits * {power}"
    return {f"{name}_units": f"CASE WHEN {name} IS NULL THEN 0::HUGEINT {read} END"}


def without(parts: Sequence[str]) -> list[Step]:
    """`net_whole` and `net_frac`: `units` without those of the parts."""
    left = " - ".join(["units", *(f"{name}_units" for name in parts)])
    one = numbers.ONE
    return [
        {"net_units": left},
        {
            "net_whole": f"CAST(CASE WHEN net_units >= 0 THEN net_units // {one} "
            f"ELSE 0 - ((0 - net_units + {one} - 1) // {one}) END AS BIGINT)"
        },
        {"net_frac": f"CAST(net_units - net_whole::HUGEINT * {one} AS BIGINT)"},
    ]


def parts(units: str) -> tuple[str, str]:
    """Floor and rest of a column of units, as `numbers.minor` takes them."""
    one = numbers.ONE
    whole = (
        f"(CASE WHEN {units} >= 0 THEN {units} // {one} ELSE 0 - ((0 - {units} + {one} - 1) // {one}) END)"
    )
    return whole, f"({units} - {whole} * {one})"


def exponent_of(currency: str, own: Currency) -> str:
    """Decimals of the minor unit of a column of currencies, NULL being our own: mostly it is."""
    cases = " ".join(
        f"WHEN upper({currency}) IN ({', '.join(map(quoted, codes))}) THEN {exponent}"
        for exponent, codes in EXPONENTS.items()
    )
    ours = f"WHEN {currency} IS NULL OR {currency} = {quoted(own.code)} THEN {own.exponent}"
    return f"(CASE {ours} {cases} ELSE 2 END)::TINYINT"


def minor_by(exponent: str, whole: str, frac: str) -> str:
    """Minor units as `numbers.minor` gives them, by a column or expression of exponents."""
    cases = " ".join(f"WHEN {each} THEN {numbers.minor(whole, frac, each)}" for each in (2, *EXPONENTS))
    return f"CASE {exponent} {cases} END"


def share(amount: str, part: str, whole: str) -> str:
    """amount * part / whole of numbers that are not negative, rounded half-even."""
    product = f"({amount}::HUGEINT * {part}::HUGEINT)"
    floor, rest = f"({product} // {whole})", f"({product} % {whole})"
    up = f"(2 * {rest} > {whole} OR (2 * {rest} = {whole} AND {floor} % 2 <> 0))"
    return f"({floor} + CASE WHEN {up} THEN 1 ELSE 0 END)"

"""Money as integer minor units, and the currency that gives them a meaning."""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

from salesml.core.errors import InvalidValue

# ISO 4217, list one.
EXPONENTS = {
    0: tuple("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split()),
    3: tuple("BHD IQD JOD KWD LYD OMR TND".split()),
    4: tuple("CLF UYW".split()),
}
"""Every currency that does not have two decimals, by how many it has."""
_EXPONENT = {code: exponent for exponent, codes in EXPONENTS.items() for code in codes}
MAX_MINOR = 10**15
"""Largest amount of one order, in minor units: keeps sums exact in float64 and far from 64 bits."""


@dataclass(frozen=True)
class Currency:
    """An ISO 4217 code; `exponent` is the number of decimals of its minor unit."""

    code: str

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Z]{3}", self.code):
            raise InvalidValue("currency", f"{self.code!r} is not an ISO 4217 code such as PLN")

    @property
    def exponent(self) -> int:
        return _EXPONENT.get(self.code, 2)

    def to_minor(self, amount: Decimal) -> int:
        """Round a sum in major units half-even to minor units.

        Raises InvalidValue for NaN, infinity and amounts beyond MAX_MINOR.
        """
        if not amount.is_finite():
            raise InvalidValue("amount", "is not a number")
        if amount.copy_abs() > MAX_MINOR:  # also keeps the arithmetic below within decimal's precision
            raise InvalidValue("amount", "is out of range")
        minor = int(amount.quantize(self.to_major(1), ROUND_HALF_EVEN).scaleb(self.exponent))
        if abs(minor) > MAX_MINOR:
            raise InvalidValue("amount", "is out of range")
        return minor

    def to_major(self, minor: int) -> Decimal:
        """The same amount in major units, with all decimals of the currency."""
        return Decimal(minor).scaleb(-self.exponent)

    def parse(self, text: str) -> int:
        """Minor units of a plain decimal number such as `12.30`."""
        try:
            return self.to_minor(Decimal(text))
        except InvalidOperation:
            raise InvalidValue("amount", f"{text!r} is not a number") from None

"""Exchange rates by day."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, localcontext

from salesml.core.days import FIRST_DAY
from salesml.core.errors import InvalidValue
from salesml.core.money import Currency

MAX_AGE_DAYS = 7
"""An older rate than this is no rate: banks publish one on every working day."""
MAX_DIGITS = 20


@dataclass(frozen=True, kw_only=True)
class Rate:
    """`rate` units of the installation's currency pay one unit of `currency` from the epoch day `day` on."""

    currency: str
    day: int
    rate: Decimal

    def __post_init__(self) -> None:
        Currency(self.currency)
        if self.day < FIRST_DAY:
            raise InvalidValue("day", "is before 1970")
        if not self.rate.is_finite() or self.rate <= 0:
            raise InvalidValue("rate", "must be a number above 0")
        if (
            len(self.rate.as_tuple().digits) > MAX_DIGITS
            or not -MAX_DIGITS <= self.rate.adjusted() < MAX_DIGITS
        ):
            raise InvalidValue("rate", f"must have at most {MAX_DIGITS} digits")


class RateTable:
    """Rates to look up: that of a day is the latest one not after it, and at most MAX_AGE_DAYS old."""

    def __init__(self, rates: Iterable[Rate]) -> None:
        self._rates: dict[str, list[Rate]] = defaultdict(list)
        for rate in sorted(rates, key=lambda rate: rate.day):
            self._rates[rate.currency].append(rate)

    def of(self, currency: str, day: int) -> Rate | None:
        known = self._rates.get(currency, [])
        place = bisect_right(known, day, key=lambda rate: rate.day)
        found = known[place - 1] if place else None
        return found if found is not None and day - found.day <= MAX_AGE_DAYS else None


def convert(minor: int, rate: Rate, to: Currency) -> int:
    """Minor units of the rate's currency in minor units of another, exact and rounded half-even once.

    Raises InvalidValue for an amount out of range.
    """
    with localcontext(prec=80):
        return to.to_minor(Currency(rate.currency).to_major(minor) * rate.rate)

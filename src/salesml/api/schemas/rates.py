"""Exchange rates by day."""

from datetime import date
from decimal import Decimal

from pydantic import Field

from salesml.core.days import date_of, epoch_day
from salesml.core.rates import Rate
from salesml.http.schemas.base import In, Out


class RateIn(In):
    """One unit of `currency` costs `rate` units of the installation's currency from `day` on."""

    currency: str = Field(min_length=3, max_length=3, examples=["EUR"])
    day: date = Field(examples=["2026-01-30"])
    rate: Decimal = Field(max_digits=20, examples=["4.2156"])

    def value(self) -> Rate:
        return Rate(currency=self.currency.upper(), day=epoch_day(self.day), rate=self.rate)


class RatesIn(In):
    rates: list[RateIn] = Field(
        min_length=1,
        max_length=10_000,
        examples=[[{"currency": "EUR", "day": "2026-01-30", "rate": 4.2156}]],
    )


class RateOut(Out):
    """`rate` is a text: a plain decimal, exact."""

    currency: str
    day: date
    rate: str

    @staticmethod
    def of(rate: Rate) -> "RateOut":
        return RateOut(currency=rate.currency, day=date_of(rate.day), rate=format(rate.rate, "f"))


class RatesStoredOut(Out):
    stored: int


class RatePage(Out):
    items: list[RateOut]
    next_cursor: str | None

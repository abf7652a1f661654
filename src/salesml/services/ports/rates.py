"""Exchange rates by day."""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Protocol

from salesml.core.rates import Rate


class RateRepository(Protocol):
    def put(self, rates: Sequence[Rate]) -> None:
        """Store rates; one of the same currency and day is replaced."""

    def between(self, currencies: Collection[str], first_day: int, last_day: int) -> Sequence[Rate]:
        """Rates of those currencies and days, by currency and day."""

    def page(self, limit: int, after: tuple[str, int] | None = None) -> Sequence[Rate]:
        """Rates by currency and day, those behind a (currency, day)."""

    def remove(self, currency: str) -> int:
        """Forget every rate of a currency; answers how many there were."""


class RateReader(Protocol):
    def __call__(self, path: Path) -> Sequence[Rate]:
        """The rates of a file. Raises FileRefused, InvalidValue naming the row."""

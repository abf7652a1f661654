"""Exchange rates by day."""

from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from salesml.core.rates import Rate
from salesml.db.bulk import execute, keys


class SqlRateRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def put(self, rates: Sequence[Rate]) -> None:
        latest = {(rate.currency, rate.day): rate for rate in rates}
        if latest:
            execute(
                self._session,
                "INSERT INTO currency_rates (currency, day, rate) VALUES (:currency, :day, :rate) "
                "ON CONFLICT (currency, day) DO UPDATE SET rate = excluded.rate",
                [vars(rate) | {"rate": format(rate.rate, "f")} for rate in latest.values()],
            )

    def between(self, currencies: Collection[str], first_day: int, last_day: int) -> Sequence[Rate]:
        wanted, parameters = keys(self._session, "text", currency=sorted(currencies))
        rows = execute(
            self._session,
            f"SELECT r.currency, r.day, r.rate FROM {wanted} AS k CROSS JOIN currency_rates AS r "
            "WHERE r.currency = k.currency AND r.day BETWEEN :first AND :last ORDER BY r.currency, r.day",
            parameters | {"first": first_day, "last": last_day},
        )
        return [_rate(row) for row in rows]

    def page(self, limit: int, after: tuple[str, int] | None = None) -> Sequence[Rate]:
        behind = "" if after is None else "WHERE (currency, day) > (:currency, :day)"
        values = {} if after is None else {"currency": after[0], "day": after[1]}
        rows = execute(
            self._session,
            f"SELECT currency, day, rate FROM currency_rates {behind} ORDER BY currency, day LIMIT :limit",
            {"limit": limit, **values},
        )
        return [_rate(row) for row in rows]

    def remove(self, currency: str) -> int:
        gone = execute(
            self._session,
            "DELETE FROM currency_rates WHERE currency = :currency RETURNING day",
            {"currency": currency},
        )
        return len(gone.all())


def _rate(row: Any) -> Rate:
    return Rate(currency=row.currency, day=row.day, rate=Decimal(row.rate))

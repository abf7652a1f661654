"""Net sales of past periods, counted apart: by clients known at a period's beginning, and by new ones.

Periods are as long as the horizon of the sales forecast and follow one another without a gap. What was
bought and cancelled inside one period is void in it; a later cancellation changes nothing, and a
cancellation of an earlier sale is no loss of the period: as labels have it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from salesml.core.models import HORIZON_DAYS, Target
from salesml.ml.features.engine import Resources, prepared
from salesml.ml.history import History

PERIOD_DAYS = HORIZON_DAYS[Target.SALES]
MAX_PERIODS = 36
"""Three years: enough for a season and what it moved from."""


@dataclass(frozen=True, kw_only=True)
class Past:
    """Net sales in minor units of periods, the newest first: by clients `known` when a period began (first
    registration, order or activity), and by those who were `new` in it."""

    known: tuple[int, ...]
    new: tuple[int, ...]


def whole_periods(first_day: int, end: int) -> int:
    """How many periods that end at the day lie wholly inside data that begins with the first day."""
    return max(0, (end - first_day + 1) // PERIOD_DAYS)


def client_sales(
    history: History, periods: Mapping[int, int], resources: Resources | None = None
) -> dict[int, Past]:
    """By last day, the sales of so many periods that end with it; nothing dated later has a part in them."""
    with prepared(history, resources or Resources()) as connection:
        return {
            end: _past(connection.execute(_sql(end, count)).fetchall(), count)
            for end, count in periods.items()
        }


def _past(rows: Sequence[tuple[int, int, int]], count: int) -> Past:
    found = {place: (known, new) for place, known, new in rows}
    return Past(
        known=tuple(found.get(place, (0, 0))[0] for place in range(count)),
        new=tuple(found.get(place, (0, 0))[1] for place in range(count)),
    )


def _sql(end: int, count: int) -> str:
    """`place` counts periods back from the newest; a period's last day is end - place * PERIOD_DAYS."""
    return f"""
WITH dated AS (
  SELECT client_id, amount, void_day, ({end} - day) // {PERIOD_DAYS} AS place FROM ledger
  WHERE day <= {end} AND day > {end - count * PERIOD_DAYS}
)
SELECT place,
  CAST(coalesce(sum(amount) FILTER (WHERE first_day <= {end} - (place + 1) * {PERIOD_DAYS}), 0) AS BIGINT),
  CAST(coalesce(sum(amount) FILTER (WHERE first_day > {end} - (place + 1) * {PERIOD_DAYS}), 0) AS BIGINT)
FROM dated JOIN known_clients USING (client_id)
WHERE void_day IS NULL OR void_day > {end} - place * {PERIOD_DAYS}
GROUP BY place
"""

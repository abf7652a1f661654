"""One feature: what it means and how it is computed.

An expression is standard SQL over integers, so that every engine gives the same number. Its rows are
those of one client that are known at the as-of date `t`; `age` counts days before `t` (0 is `t` itself).

- `orders`: `amount` (minor units), `kind`, `purchase` (amount > 0), without pairs void at `t`
- `days`: one row for each day with a purchase: `amount` of that day's purchases, `gap` in days to the
  purchase day before (null at the first)
- `activity`: the four metrics, null where not brought
- `client`: one row; `age` of the first registration, order or activity day

`{window}` stands for "inside the last `window_days` days", `{day_of_year}` for that of `t`. A client
without rows gets 0, or null where the feature may be null.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from salesml.core.activity import Coverage
from salesml.core.days import date_of


class Rows(StrEnum):
    """Whose rows a feature is computed from."""

    ORDERS = "orders"
    DAYS = "days"
    ACTIVITY = "activity"
    CLIENT = "client"


@dataclass(frozen=True, kw_only=True)
class FeatureDefinition:
    """`metric` must be known over the whole window, orders from `history_days` before `t` on; `nullable`:
    null also says something of a client."""

    name: str
    unit: str
    rows: Rows
    expression: str
    description: str
    metric: str | None = None
    window_days: int | None = None
    history_days: int | None = None
    nullable: bool = False

    def sql(self, as_of_day: int) -> str:
        """The expression with its window filled in."""
        window = "TRUE" if self.window_days is None else f"age < {self.window_days}"
        return self.expression.format(window=window, day_of_year=date_of(as_of_day).timetuple().tm_yday)

    def known(self, coverage: Mapping[str, Coverage], as_of_day: int, orders_from: int | None) -> bool:
        """Whether the data covers every day that the feature needs, up to this day.

        `orders_from` is the first day with an order of anyone, None without orders.
        """
        if self.history_days is not None:
            return orders_from is not None and as_of_day - orders_from >= self.history_days
        if self.metric is None or self.window_days is None:
            return self.metric is None
        covered = coverage.get(self.metric)
        return covered is not None and covered.holds(as_of_day - self.window_days + 1, as_of_day)

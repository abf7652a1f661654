"""What clients did on the site and in mails, by day."""

from dataclasses import dataclass

METRICS = ("visits", "seconds_on_site", "ad_clicks", "newsletter_opens")
MAX_COUNT = 10**9
"""Largest value of one metric on one day; more is a broken export."""


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """First and last epoch day of which a metric is known: inside, no row means 0; outside, unknown."""

    metric: str
    first_day: int
    last_day: int

    def holds(self, first_day: int, last_day: int) -> bool:
        """Whether every day of the window is known."""
        return self.first_day <= first_day and last_day <= self.last_day


@dataclass(frozen=True, kw_only=True)
class ActivityDay:
    """What one of a client's ids did on one epoch day; None where a metric was not brought."""

    source: str
    client_id: str
    day: int
    visits: int | None
    seconds_on_site: int | None
    ad_clicks: int | None
    newsletter_opens: int | None

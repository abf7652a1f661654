"""What one installation is and must stay."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from salesml.core.money import Currency


@dataclass(frozen=True, kw_only=True)
class Installation:
    """Written by the first migrate; currency and time zone are fixed once there are orders.

    `simulated` marks data that was made up: whatever shows a figure of it says so.
    """

    id: str
    currency: Currency
    timezone: str
    simulated: bool
    threshold: float
    created_at: datetime

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

"""Daily activity."""

from datetime import date
from typing import Any

from pydantic import Field

from salesml.core.activity import MAX_COUNT, ActivityDay
from salesml.core.clients import DEFAULT_SOURCE, MAX_ID_LENGTH
from salesml.core.days import date_of
from salesml.core.pages import Page
from salesml.http.schemas.base import In, Out

ACTIVITY_EXAMPLE: dict[str, Any] = {
    "client_id": "0042",
    "day": "2026-01-31",
    "visits": 3,
    "seconds_on_site": 412,
    "ad_clicks": 1,
    "newsletter_opens": 0,
}


class ActivityIn(In):
    """One client, one day; only the metrics that are given are set, and one has to be."""

    client_id: str = Field(
        min_length=1, max_length=MAX_ID_LENGTH, description="the source's id of the client"
    )
    source: str = Field(DEFAULT_SOURCE, max_length=MAX_ID_LENGTH)
    day: date
    visits: int | None = Field(None, ge=0, le=MAX_COUNT)
    seconds_on_site: int | None = Field(None, ge=0, le=MAX_COUNT)
    ad_clicks: int | None = Field(None, ge=0, le=MAX_COUNT)
    newsletter_opens: int | None = Field(None, ge=0, le=MAX_COUNT)


class ActivityOut(Out):
    client_id: str = Field(description="the source's id of the client")
    source: str
    day: date
    visits: int | None
    seconds_on_site: int | None
    ad_clicks: int | None
    newsletter_opens: int | None


class ActivityPage(Out):
    items: list[ActivityOut]
    next_cursor: str | None

    @staticmethod
    def of(page: Page[ActivityDay]) -> "ActivityPage":
        items = [ActivityOut(**{**vars(each), "day": date_of(each.day)}) for each in page.items]
        return ActivityPage(items=items, next_cursor=page.next_cursor)

"""Forecasts from features that the caller brings, as they are asked for."""

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StrictBool, WithJsonSchema

from salesml.core.inputs import MAX_AMOUNT, MAX_COUNT, MAX_DAYS, MAX_MONTHS
from salesml.http.schemas.base import In

_COUNT_SCHEMA = {"type": "integer", "minimum": 0, "maximum": MAX_COUNT}
_FLAG_SCHEMA = {"anyOf": [{"type": "integer", "enum": [0, 1]}, {"type": "boolean"}]}
# A number that stands for a whole one, as 3.0 from a data frame, is taken; a text or true is not.
Count = Annotated[float, Field(strict=True, ge=0, le=MAX_COUNT, multiple_of=1), WithJsonSchema(_COUNT_SCHEMA)]
Flag = Annotated[Literal[0, 1] | StrictBool, WithJsonSchema(_FLAG_SCHEMA)]
SALES_EXAMPLE: dict[str, Any] = {
    "purchases_30d": 2,
    "average_basket_value": 149.9,
    "visits_30d": 11,
    "days_since_last_purchase": 9,
    "tenure_months": 14.5,
}
PURCHASE_EXAMPLE: dict[str, Any] = {
    "visits_7d": 4,
    "newsletter_opened": 1,
    "ad_clicks": 2,
    "has_purchased": 1,
    "time_on_site_seconds": 840,
}


class SalesIn(In):
    """What is known of one client today; money in major units."""

    model_config = ConfigDict(json_schema_extra={"examples": [SALES_EXAMPLE]})

    purchases_30d: Count = Field(description="purchases in the last 30 days")
    average_basket_value: Annotated[float, Field(strict=True, ge=0, le=MAX_AMOUNT)] = Field(
        description="mean amount of all purchases so far, in major units; 0 with none"
    )
    visits_30d: Count = Field(description="site visits in the last 30 days")
    days_since_last_purchase: Annotated[float, Field(strict=True, ge=0, le=MAX_DAYS)] | None = Field(
        description="days since the last purchase; null only with purchases_30d 0"
    )
    tenure_months: Annotated[float, Field(strict=True, ge=0, le=MAX_MONTHS)] = Field(
        description="months since the client was first seen"
    )


class PurchaseIn(In):
    """What is known of one client today."""

    model_config = ConfigDict(json_schema_extra={"examples": [PURCHASE_EXAMPLE]})

    visits_7d: Count = Field(description="site visits in the last 7 days")
    newsletter_opened: Flag = Field(description="whether a newsletter was opened in the last 30 days")
    ad_clicks: Count = Field(description="clicks on advertisements in the last 30 days")
    has_purchased: Flag = Field(description="whether the client has ever bought")
    time_on_site_seconds: Annotated[float, Field(strict=True, ge=0, le=MAX_COUNT)] = Field(
        description="seconds on the site in the last 7 days"
    )

"""Forecasts from features that the caller brings."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StrictBool, WithJsonSchema

from salesml.api.schemas.base import In, Out
from salesml.core.inputs import MAX_AMOUNT, MAX_COUNT, MAX_DAYS, MAX_MONTHS
from salesml.services.batches import MAX_ROWS

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


class _Common(Out):
    horizon_days: int = Field(description="how many days the forecast looks ahead")
    model_version: str = Field(description="the version that answered", examples=["sales-kernel-2"])
    ignored_features: list[str] = Field(description="inputs that this version does not use")


class SalesOut(_Common):
    predicted_sales: float = Field(
        description="net sales of the coming days, in major units", examples=[212.4]
    )
    lower: float | None = Field(description="null while the version has no intervals")
    upper: float | None = Field(description="null while the version has no intervals")
    currency: str = Field(examples=["PLN"])


class PurchaseOut(_Common):
    probability: float = Field(description="of at least one purchase", examples=[0.42])
    decision: Literal[0, 1] = Field(description="1 from the threshold on")
    threshold: float = Field(examples=[0.7])


class RejectedOut(Out):
    """Why a row was set aside; rows count from 1."""

    row: int
    field: str
    code: str = Field(examples=["negative"])
    reason: str


class _BatchOut(_Common):
    accepted: int = Field(description="number of good rows")
    rejected: list[RejectedOut] = Field(description="every fault of the other rows")


class SalesResult(Out):
    row: int = Field(description="the row of the batch, from 1")
    predicted_sales: float
    lower: float | None
    upper: float | None


class PurchaseResult(Out):
    row: int = Field(description="the row of the batch, from 1")
    probability: float
    decision: Literal[0, 1]


class SalesBatchOut(_BatchOut):
    """Answers in the form of the question: records bring `results`, columns bring `columns`."""

    currency: str
    results: list[SalesResult] | None = None
    columns: dict[str, list[float | None]] | None = None


class PurchaseBatchOut(_BatchOut):
    """Answers in the form of the question: records bring `results`, columns bring `columns`."""

    threshold: float
    results: list[PurchaseResult] | None = None
    columns: dict[str, list[float]] | None = None


def batch_body(schema: type[In], example: Mapping[str, Any]) -> dict[str, Any]:
    """How OpenAPI describes a batch, whose body no schema validates row by row."""
    record = schema.model_json_schema()
    columns = {name: {"type": "array", "items": each} for name, each in record["properties"].items()}
    examples = {
        "records": {"summary": "by records", "value": {"records": [example, example]}},
        "columns": {
            "summary": "by columns",
            "value": {"columns": {name: [value, value] for name, value in example.items()}},
        },
    }
    shapes = [
        _object("records", {"type": "array", "minItems": 1, "maxItems": MAX_ROWS, "items": record}),
        _object(
            "columns",
            {
                "type": "object",
                "properties": columns,
                "required": list(columns),
                "additionalProperties": False,
            },
        ),
    ]
    content = {"application/json": {"schema": {"oneOf": shapes}, "examples": examples}}
    return {"requestBody": {"required": True, "content": content}}


def _object(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {name: schema},
        "required": [name],
        "additionalProperties": False,
    }

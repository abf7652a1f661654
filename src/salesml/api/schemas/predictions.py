"""Forecasts from features that the caller brings: the answers, and batches."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from salesml.http.schemas.base import In, Out
from salesml.services.batches import MAX_ROWS


class _Common(Out):
    horizon_days: int = Field(description="how many days the forecast looks ahead")
    model_version: str = Field(description="the version that answered", examples=["sales-kernel-2"])
    ignored_features: list[str] = Field(description="inputs that this version does not use")


RankingOnly = Annotated[
    bool,
    Field(description="true: the data cannot support these probabilities; they order clients, and no more"),
]


class SalesOut(_Common):
    predicted_sales: float = Field(
        description="net sales of the coming days, in major units", examples=[212.4]
    )
    lower: float | None = Field(
        description="a tenth of such clients buy less; null where the version has no intervals",
        examples=[0.0],
    )
    upper: float | None = Field(
        description="a tenth of such clients buy more; null where the version has no intervals",
        examples=[540.2],
    )
    currency: str = Field(examples=["PLN"])


class PurchaseOut(_Common):
    probability: float = Field(description="of at least one purchase", examples=[0.42])
    decision: Literal[0, 1] = Field(description="1 from the threshold on")
    threshold: float = Field(examples=[0.7])
    ranking_only: RankingOnly


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
    ranking_only: RankingOnly
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

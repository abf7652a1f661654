"""What shops send, and what they are answered."""

from typing import Any

from pydantic import Field

from salesml.api.schemas.predictions import RejectedOut
from salesml.http.schemas.base import Out

WOO_EXAMPLE: dict[str, Any] = {
    "id": 727,
    "number": "727",
    "status": "processing",
    "currency": "PLN",
    "date_created_gmt": "2026-01-31T17:05:00",
    "date_modified_gmt": "2026-01-31T17:05:08",
    "total": "149.90",
    "customer_id": 42,
    "billing": {"first_name": "Anna", "last_name": "Nowak", "email": "anna@example.com"},
    "refunds": [],
}
SHOPIFY_EXAMPLE: dict[str, Any] = {
    "id": 450789469,
    "name": "#1001",
    "created_at": "2026-01-31T18:05:00+01:00",
    "updated_at": "2026-01-31T18:05:08+01:00",
    "currency": "PLN",
    "total_price": "149.90",
    "financial_status": "paid",
    "email": "anna@example.com",
    "customer": {"id": 207119551, "first_name": "Anna", "last_name": "Nowak"},
    "refunds": [],
}


class ReceivedOut(Out):
    """Always 200 for what is well signed: a shop that is told of an error stops sending."""

    stored: int = Field(description="rows of the ledger that were made or changed")
    ignored: str | None = Field(description="why nothing was stored, if that is in order")
    rejected: list[RejectedOut] = Field(description="rows that were not kept, each with its reason")


def delivery_body(example: dict[str, Any]) -> dict[str, Any]:
    """How OpenAPI describes what a shop sends: its signature is over the very bytes."""
    content = {"application/json": {"schema": {"type": "object"}, "example": example}}
    return {"requestBody": {"required": True, "content": content}}

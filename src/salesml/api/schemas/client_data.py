"""All that is known of one client, and what was erased of it."""

from datetime import datetime
from typing import Any

from pydantic import Field

from salesml.http.schemas.base import Out

Records = list[dict[str, Any]]


class ClientDataOut(Out):
    """Rows as they are stored, but times as texts, and money in major units."""

    made_at: datetime
    currency: str
    client: dict[str, Any]
    external_ids: Records
    consents: dict[str, Any]
    orders: Records
    webhook_orders: Records = Field(description="which of the orders webhooks of a shop told of, and when")
    activity: Records
    snapshots: Records
    sales_predictions: Records
    purchase_predictions: Records
    merges: Records
    not_the_same_as: list[str]
    rejected_rows: Records = Field(description="rows of files that were set aside and name the client")
    changes_by_imports: Records
    trail: Records = Field(description="what users did with the client")


class ErasedOut(Out):
    erased: dict[str, int] = Field(
        description="rows by table; `documents` are jobs, reports and the like that were kept without it"
    )

"""Which rows of a list leave, and as what."""

from datetime import date
from typing import Annotated, Any

from fastapi import Query

from salesml.core.exports import ExportFormat
from salesml.http.exports import MEDIA_TYPES
from salesml.http.schemas.clients import ClientConditions

As = Annotated[ExportFormat, Query(alias="format", description="CSV, an Excel workbook, or Parquet")]
OfClient = Annotated[int | None, Query(ge=1, le=2**63 - 1, description="only of this client")]
OfSource = Annotated[str | None, Query(max_length=200, description="only of this source")]
From = Annotated[date | None, Query(alias="from", description="from this day on")]
To = Annotated[date | None, Query(description="up to this day")]
FILES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file.",
        "content": {
            kind: {"schema": {"type": "string", "format": "binary"}} for kind in MEDIA_TYPES.values()
        },
    }
}


class ClientsExport(ClientConditions):
    """The conditions of the list of clients, and its order."""

    format: ExportFormat = ExportFormat.CSV

"""Imports of files."""

from datetime import datetime
from typing import Any

from pydantic import Field, Json

from salesml.api.schemas.problems import RefusalOut, refusal_out
from salesml.api.schemas.reports import ImportReportOut
from salesml.core.clients import DEFAULT_SOURCE, MAX_ID_LENGTH
from salesml.core.imports import Import, ImportKind, ImportState, RejectedRow
from salesml.core.money import Currency
from salesml.http.schemas.base import In, Out
from salesml.services.imports import ImportDetail


class ImportFormIn(In):
    """The fields beside the file; what is left out is detected."""

    kind: ImportKind
    source: str = Field(
        DEFAULT_SOURCE, min_length=1, max_length=MAX_ID_LENGTH, description="the shop that ids belong to"
    )
    mapping: Json[dict[str, str]] | None = Field(
        None, description='JSON: which column holds a field, as {"client_id": "Customer ID"}'
    )
    lines: bool | None = Field(None, description="whether rows are line items, to be summed into orders")
    dates: str | None = Field(None, description="iso, ymd, dmy, mdy, compact, text or unix")
    decimal: str | None = Field(None, max_length=8, description="point or comma")
    header: bool | None = Field(None, description="whether the first row names the columns")
    sheet: str | None = Field(None, max_length=200, description="sheet of a workbook")
    separator: str | None = Field(None, max_length=10)
    encoding: str | None = Field(None, max_length=40)
    profile: str | None = Field(None, max_length=64, description="a known export, or none")
    amount: str | None = Field(None, max_length=8, description="gross, or net of tax")
    shipping: str | None = Field(None, max_length=8, description="the cost of delivery is in or out")
    saved: str | None = Field(
        None, max_length=64, description="a saved mapping; what the other fields say counts more"
    )
    update: bool = Field(False, description="replace stored orders that differ")


def upload_body() -> dict[str, Any]:
    """How OpenAPI describes the form, which is read only after the caller is known."""
    schema = ImportFormIn.model_json_schema(mode="validation")
    fields = {**schema["properties"], "kind": {"type": "string", "enum": [each.value for each in ImportKind]}}
    fields["mapping"] = {"type": "string", "description": ImportFormIn.model_fields["mapping"].description}
    form = {
        "type": "object",
        "required": ["file", "kind"],
        "properties": {"file": {"type": "string", "format": "binary"}, **fields},
    }
    example = {"kind": "orders", "source": DEFAULT_SOURCE, "update": False}
    content = {"multipart/form-data": {"schema": form, "example": example}}
    return {"requestBody": {"required": True, "content": content}}


class ReadingOut(Out):
    """How the file was understood: the column of each field, and what was detected."""

    format: str
    columns: list[str]
    mapping: dict[str, str]
    encoding: str | None
    separator: str | None
    compression: str | None
    date_format: str
    lines: bool
    notes: list[str]


class CountsOut(Out):
    """What became of the rows; `net` is the sum of accepted amounts in major units."""

    rows: int
    accepted: int
    repeated: int
    changed: int
    rejected: int
    guests: int
    erased: int
    new_clients: int
    net: float


class ImportOut(Out):
    id: str
    kind: ImportKind
    source: str
    file_name: str
    state: ImportState
    counts: CountsOut
    created_at: datetime
    finished_at: datetime | None
    error: str | None
    refusal: RefusalOut | None = Field(description="why it failed, by a code")

    @classmethod
    def fields_of(cls, importing: Import, currency: Currency) -> dict[str, Any]:
        counts = {**vars(importing.counts), "net": float(currency.to_major(importing.counts.net))}
        plain = {name: getattr(importing, name) for name in ImportOut.model_fields}
        told = {"counts": counts, "refusal": refusal_out(importing.refusal)}
        return {**plain, "id": str(importing.id), **told}


class ImportDetailOut(ImportOut):
    reading: ReadingOut
    reasons: dict[str, int] = Field(description="how many rows were set aside, by code")
    report: ImportReportOut | None = Field(description="what the file is like; null until it is visible")

    @staticmethod
    def of(detail: ImportDetail) -> "ImportDetailOut":
        fields = ImportOut.fields_of(detail.importing, detail.currency)
        report = detail.report and ImportReportOut.of(detail.report, detail.currency)
        told = {"reading": detail.importing.reading, "reasons": detail.reasons, "report": report}
        return ImportDetailOut.model_validate({**fields, **told})


class ImportPage(Out):
    items: list[ImportOut]
    next_cursor: str | None


class RejectedRowOut(Out):
    """A row that was set aside; rows count from 1, `raw` is the value that was refused."""

    row: int
    field: str
    code: str
    reason: str
    raw: str | None


class RejectedPage(Out):
    items: list[RejectedRowOut]
    next_cursor: str | None

    @staticmethod
    def of(rows: tuple[RejectedRow, ...], next_cursor: str | None) -> "RejectedPage":
        items = [RejectedRowOut.model_validate(row) for row in rows]
        return RejectedPage(items=items, next_cursor=next_cursor)

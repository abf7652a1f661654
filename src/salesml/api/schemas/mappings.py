"""Saved mappings."""

from datetime import datetime

from pydantic import Field

from salesml.core.imports import ImportKind
from salesml.core.mappings import SavedMapping, kept
from salesml.http.schemas.base import In, Out


class ReadingOptionsIn(In):
    """The choices of an import; what is left out is detected."""

    mapping: dict[str, str] = Field(
        default_factory=dict,
        description="which column holds a field",
    )
    profile: str | None = Field(None, max_length=64, description="a known export, or none")
    lines: bool | None = None
    date_format: str | None = Field(None, max_length=16, examples=["dmy"])
    decimal: str | None = Field(None, max_length=16, examples=["comma"])
    header: bool | None = None
    sheet: str | None = Field(None, max_length=200)
    separator: str | None = Field(None, max_length=10)
    encoding: str | None = Field(None, max_length=40)
    amount: str | None = Field(None, max_length=8, description="gross or net of tax")
    shipping: str | None = Field(None, max_length=8, description="in or out of the amount")


class MappingIn(In):
    kind: ImportKind = Field(examples=["orders"])
    options: ReadingOptionsIn = Field(
        examples=[{"mapping": {"client_id": "Customer ID"}, "date_format": "dmy"}]
    )


class MappingOut(Out):
    name: str
    kind: ImportKind
    options: dict[str, object]
    created_at: datetime
    created_by: str

    @staticmethod
    def of(mapping: SavedMapping) -> "MappingOut":
        return MappingOut.model_validate({**vars(mapping), "options": dict(kept(mapping.options))})


class MappingsOut(Out):
    """All of them, by name."""

    items: list[MappingOut]
    next_cursor: None = None
    total: int

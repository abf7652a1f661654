"""What became of a batch of orders or of activity."""

from pydantic import Field

from salesml.api.schemas.predictions import RejectedOut
from salesml.http.schemas.base import Out


class TakenOut(Out):
    accepted: int = Field(description="rows that were new")
    repeated: int = Field(description="rows equal to what was there")
    changed: int = Field(description="rows that replaced or completed what was there")
    rejected: list[RejectedOut] = Field(description="rows that were not kept, each with its reason")

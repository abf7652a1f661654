"""Foreign databases as a source of rows."""

from pydantic import Field

from salesml.core.clients import DEFAULT_SOURCE, MAX_ID_LENGTH
from salesml.core.imports import ImportKind
from salesml.core.sources import Question
from salesml.http.schemas.base import In, Out
from salesml.services.sources import SourceRequest


class SourceOut(Out):
    """One that the settings of the server name; its address is nobody's business."""

    name: str


class SourcesOut(Out):
    """All of them, by name."""

    items: list[SourceOut]
    next_cursor: None = None
    total: int


class SourceImportIn(In):
    """What to ask a foreign database for. Columns of the answer are named as our fields."""

    kind: ImportKind = Field(examples=["orders"])
    query: str = Field(
        max_length=20_000,
        description="one SELECT",
        examples=["SELECT number AS order_id, client_id, ordered_at, amount FROM sales"],
    )
    source: str = Field(DEFAULT_SOURCE, max_length=MAX_ID_LENGTH, description="the shop that ids belong to")
    watermark: str | None = Field(
        None, max_length=200, description="a column that only grows; the next run begins at its largest value"
    )
    since: str | None = Field(None, max_length=200, description="where the first run begins")
    update: bool = Field(False, description="replace stored orders that differ")

    def request(self, connection: str) -> SourceRequest:
        """Raises InvalidValue."""
        question = Question(query=self.query, watermark=self.watermark, since=self.since)
        return SourceRequest(
            connection=connection,
            question=question,
            kind=self.kind,
            source=self.source,
            update=self.update,
        )

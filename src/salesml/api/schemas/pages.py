"""What lists that come page by page have in common."""

from typing import Annotated

from fastapi import Query

from salesml.core.pages import MAX_LIMIT

Limit = Annotated[int, Query(description=f"how many, from 1 to {MAX_LIMIT}")]
Cursor = Annotated[str | None, Query(description="`next_cursor` of the page before")]

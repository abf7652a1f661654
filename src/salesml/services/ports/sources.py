"""Foreign databases, from which rows become files."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from salesml.core.sources import Extract, Question


class Extractor(Protocol):
    def __call__(
        self,
        address: str,
        question: Question,
        target: Path,
        *,
        max_bytes: int,
        progress: Callable[[int], None],
    ) -> Extract:
        """Write the answer of a question into a new Parquet file; nothing is ever written to the database.

        `question.since` is where the watermark begins, as JSON. Raises SourceRefused without a password in
        it.
        """

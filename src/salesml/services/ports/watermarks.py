"""How far foreign databases have been read."""

from datetime import datetime
from typing import Protocol


class WatermarkRepository(Protocol):
    def get(self, key: str) -> str | None:
        """The largest value that was imported, as JSON."""

    def put(self, key: str, value: str, now: datetime) -> None: ...

    def remove(self, key: str) -> None: ...

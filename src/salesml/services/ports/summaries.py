"""Figures that pages read instead of computing them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol


class SummaryRepository(Protocol):
    def get(self, name: str) -> tuple[Mapping[str, Any], datetime] | None:
        """A value of JSON and when it was computed."""

    def lock(self) -> None:
        """Let nobody else prepare figures before this transaction ends; what others committed until
        now is seen by the next question."""

    def put(self, name: str, value: Mapping[str, object], now: datetime) -> None:
        """Replace it, whoever was first."""

"""Saved mappings."""

from collections.abc import Sequence
from typing import Protocol

from salesml.core.mappings import SavedMapping


class MappingRepository(Protocol):
    def put(self, mapping: SavedMapping) -> None:
        """Store it, in the place of one of the same name."""

    def get(self, name: str) -> SavedMapping:
        """Raises NotFound."""

    def list(self) -> Sequence[SavedMapping]:
        """All of them, by name."""

    def remove(self, name: str) -> None:
        """Raises NotFound."""

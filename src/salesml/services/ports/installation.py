"""The one row that says what this installation is."""

from typing import Protocol

from salesml.core.installation import Installation


class InstallationRepository(Protocol):
    def get(self) -> Installation | None: ...

    def put(self, installation: Installation) -> None:
        """Write it for the first time, or change it."""

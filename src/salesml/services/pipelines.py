"""Opened model files."""

from dataclasses import dataclass, field
from typing import Any

from salesml.core.models import ModelVersion
from salesml.services.ports.models import ModelStore

_KEPT = 4


@dataclass
class Pipelines:
    """Opened model files of versions that have no coefficients: each is verified and opened once."""

    store: ModelStore
    _opened: dict[str, Any] = field(default_factory=dict)

    def of(self, version: ModelVersion) -> Any:
        """Raises ModelRefused."""
        key = version.artifact.sha256
        if key not in self._opened:
            while len(self._opened) >= _KEPT:
                self._opened.pop(next(iter(self._opened)), None)
            self._opened[key] = self.store.load(version.artifact)
        return self._opened[key]

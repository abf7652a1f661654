"""Trained versions and champions."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from salesml.core.models import Artifact, Champion, ModelRole, ModelVersion, Promotion, Target


class ModelRepository(Protocol):
    def add(self, version: ModelVersion) -> ModelVersion:
        """Store a version; its id is given here and that of the argument ignored."""

    def get(self, version_id: int) -> ModelVersion:
        """Raises NotFound."""

    def list(
        self,
        target: Target | None = None,
        role: ModelRole | None = None,
        *,
        limit: int | None = None,
        before_id: int | None = None,
    ) -> Sequence[ModelVersion]:
        """Versions, the newest first; with ids below `before_id`."""

    def champion(self, target: Target, role: ModelRole, horizon_days: int | None = None) -> Champion | None:
        """Of the target's usual horizon, unless another is asked for."""

    def champions(self) -> Sequence[Champion]:
        """Every champion there is, by target and role."""

    def crown(
        self,
        target: Target,
        role: ModelRole,
        version_id: int,
        *,
        expected_revision: int,
        actor: str,
        note: str,
        now: datetime,
    ) -> Champion:
        """Change the champion of the version's horizon by compare-and-set (revision 0 means "none yet"),
        and remember the promotion. Raises AlreadyExists when someone else changed it first."""

    def promotions(
        self,
        target: Target | None = None,
        role: ModelRole | None = None,
        horizon_days: int | None = None,
        *,
        limit: int,
        before_id: int | None = None,
    ) -> Sequence[Promotion]:
        """How champions changed, the newest first; with ids below `before_id`."""

    def file_names(self) -> frozenset[str]:
        """Every model file that a version needs."""


class ModelStore(Protocol):
    """Signed model files. Nothing is unpickled before its hash and signature were verified."""

    def save(self, pipeline: Any, name: str) -> Artifact:
        """Write a fitted pipeline under a new name; answers its record."""

    def load(self, artifact: Artifact) -> Any:
        """The pipeline of a record. Raises ModelRefused."""

    def remove_all_but(self, keep: frozenset[str]) -> int:
        """Delete files that no version needs (left by a crash); answers how many."""

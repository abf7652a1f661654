"""Clients who may be one person, and making them one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from salesml.core.merges import DuplicateGroup, Merge


class MergeRepository(Protocol):
    def duplicates(self, limit: int, after: str | None = None) -> Sequence[DuplicateGroup]:
        """Clients with the same e-mail address, by address; those with addresses after the given one.
        Groups in which every two were called two people are left out."""

    def merge(self, client_id: int, other_id: int, *, actor: str, now: datetime) -> Merge:
        """Make the other client part of the first: its ids, with orders and activity, become the first
        one's, which gets what it lacks; everything else of it is kept to be restored."""

    def of_client(self, client_id: int) -> Sequence[Merge]:
        """What was merged into a client, the newest first."""

    def get(self, merge_id: int) -> Merge:
        """Raises NotFound."""

    def undo(self, merge_id: int) -> int:
        """Restore the merged client with the ids that are still with the other one, and what that one got
        from it where nothing has changed it since; answers the restored client's id. Raises NotFound."""

    def keep_apart(self, client_ids: Sequence[int]) -> None:
        """Remember that every two of the clients are two people."""

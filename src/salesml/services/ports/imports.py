"""Imports, the rows they set aside, and taking an import back."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

import pyarrow as pa

from salesml.core.files import FileReading
from salesml.core.imports import Import, ImportCounts, ImportKind, ImportState, RejectedRow
from salesml.core.refusals import Refusal


class ImportRepository(Protocol):
    def add(
        self,
        *,
        kind: ImportKind,
        source: str,
        file_name: str,
        file_sha256: str,
        reading: FileReading,
        now: datetime,
    ) -> Import:
        """A new import in state STAGING."""

    def get(self, import_id: int) -> Import:
        """Raises NotFound."""

    def unpublished(self) -> Sequence[Import]:
        """Imports that are on their way in or out, the oldest first."""

    def set_state(
        self,
        import_id: int,
        state: ImportState,
        *,
        now: datetime,
        error: str | None = None,
        refusal: Refusal | None = None,
    ) -> None:
        """Flip the state; FAILED, PUBLISHED and UNDONE also set finished_at."""

    def set_counts(self, import_id: int, counts: ImportCounts) -> None: ...

    def set_aside(self, import_id: int, rows: Sequence[RejectedRow]) -> None:
        """Keep rows that were refused; a repeat of (row, field, code) is ignored."""

    def refused_rows(self, import_id: int) -> Sequence[int]:
        """Numbers of the rows that were refused so far, ascending."""

    def add_records(self, import_id: int, records: Mapping[int, str]) -> None:
        """Put lines of CSV, by row, behind those that a refused row has already."""

    def page(self, limit: int, before_id: int | None = None) -> Sequence[Import]:
        """Imports with ids below `before_id`, the newest first."""

    def rejected(
        self, import_id: int, limit: int = 100, after: tuple[int, str, str] | None = None
    ) -> Sequence[RejectedRow]:
        """Refused rows by (row, field, code), the first ones or those after the given one."""

    def reasons(self, import_id: int) -> Mapping[str, int]:
        """How many rows were set aside, by code."""

    def changed_clients(self, rows: pa.Table) -> int:
        """How many known clients would get another value by rows of `FileReader.good`, which have their
        `identity_id`; nothing is written."""

    def changed_days(self, rows: pa.Table) -> tuple[int, int]:
        """How many days of such rows are there already, and how many of those would change."""

    def take_back(self, import_id: int, limit: int) -> bool:
        """Undo at most about `limit` rows of what this import wrote: journaled values first (where nothing
        changed them since; else whatever did gets the old value as its own), then activity, orders that only
        it brought, identities and clients that nothing else uses. Answers whether anything is left."""

"""Imports, the rows they set aside, and taking an import back."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

import pyarrow as pa
from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session
from sqlmodel import col

from salesml.core.errors import NotFound
from salesml.core.files import FileReading
from salesml.core.imports import UNPUBLISHED, Import, ImportCounts, ImportKind, ImportState, RejectedRow
from salesml.core.refusals import Refusal
from salesml.db.bulk import execute
from salesml.db.comparing import changed_clients, changed_days
from salesml.db.tables.imports import ImportRejectRow, ImportRow
from salesml.db.undo import take_back

_FINISHED = (ImportState.FAILED, ImportState.PUBLISHED, ImportState.UNDONE)


class SqlImportRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

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
        row = ImportRow(
            kind=kind.value,
            source=source,
            file_name=file_name,
            file_sha256=file_sha256,
            state=ImportState.STAGING.value,
            reading=_stored(reading),
            counts=asdict(ImportCounts()),
            created_at=now,
        )
        self._session.add(row)
        self._session.flush()
        self._session.refresh(row)
        return _import(row)

    def get(self, import_id: int) -> Import:
        return _import(self._row(import_id))

    def page(self, limit: int, before_id: int | None = None) -> Sequence[Import]:
        query = select(ImportRow).order_by(col(ImportRow.id).desc()).limit(limit)
        if before_id is not None:
            query = query.where(col(ImportRow.id) < before_id)
        return [_import(row) for row in self._session.scalars(query)]

    def unpublished(self) -> Sequence[Import]:
        states = [state.value for state in UNPUBLISHED]
        rows = select(ImportRow).where(col(ImportRow.state).in_(states)).order_by(col(ImportRow.id))
        return [_import(row) for row in self._session.scalars(rows)]

    def set_state(
        self,
        import_id: int,
        state: ImportState,
        *,
        now: datetime,
        error: str | None = None,
        refusal: Refusal | None = None,
    ) -> None:
        row = self._row(import_id)
        row.state, row.error = state.value, error
        if refusal is not None:
            row.reading = {**row.reading, _REFUSAL: refusal.plain()}
        row.finished_at = now if state in _FINISHED else None
        self._session.flush()

    def set_counts(self, import_id: int, counts: ImportCounts) -> None:
        self._row(import_id).counts = asdict(counts)
        self._session.flush()

    def set_aside(self, import_id: int, rows: Sequence[RejectedRow]) -> None:
        if rows:
            execute(
                self._session,
                "INSERT INTO import_rejects (import_id, row, field, code, reason, raw, record) "
                "VALUES (:import_id, :row, :field, :code, :reason, :raw, :record) ON CONFLICT DO NOTHING",
                [vars(row) | {"import_id": import_id} for row in rows],
            )

    def refused_rows(self, import_id: int) -> Sequence[int]:
        number = col(ImportRejectRow.row)
        query = select(number).where(col(ImportRejectRow.import_id) == import_id).distinct().order_by(number)
        return list(self._session.execute(query).scalars())

    def add_records(self, import_id: int, records: Mapping[int, str]) -> None:
        if records:
            execute(
                self._session,
                "UPDATE import_rejects SET record = coalesce(record || :line_end, '') || :record "
                "WHERE import_id = :import_id AND row = :row",
                [
                    {"import_id": import_id, "row": row, "record": record, "line_end": "\n"}
                    for row, record in records.items()
                ],
            )

    def rejected(
        self, import_id: int, limit: int = 100, after: tuple[int, str, str] | None = None
    ) -> Sequence[RejectedRow]:
        row = ImportRejectRow
        key = (col(row.row), col(row.field), col(row.code))
        query = (
            select(*key, col(row.reason), col(row.raw), col(row.record))
            .where(col(row.import_id) == import_id)
            .order_by(*key)
            .limit(limit)
        )
        if after is not None:
            query = query.where(tuple_(*key) > tuple_(*after))
        found = self._session.execute(query)
        return [
            RejectedRow(row=number, field=field, code=code, reason=reason, raw=raw, record=record)
            for number, field, code, reason, raw, record in found
        ]

    def reasons(self, import_id: int) -> Mapping[str, int]:
        """A row with two faults of one code counts once for that code."""
        code = col(ImportRejectRow.code)
        found = self._session.execute(
            select(code, func.count(func.distinct(col(ImportRejectRow.row))))
            .where(col(ImportRejectRow.import_id) == import_id)
            .group_by(code)
            .order_by(code)
        )
        return {row[0]: row[1] for row in found}

    def changed_clients(self, rows: pa.Table) -> int:
        return changed_clients(self._session, rows)

    def changed_days(self, rows: pa.Table) -> tuple[int, int]:
        return changed_days(self._session, rows)

    def take_back(self, import_id: int, limit: int) -> bool:
        return take_back(self._session, import_id, limit)

    def _row(self, import_id: int) -> ImportRow:
        row = self._session.get(ImportRow, import_id)
        if row is None:
            raise NotFound(f"import {import_id} does not exist")
        return row


_REFUSAL = "refusal"
"""Stands beside how a file was read, of one that was not taken in the end."""


def _stored(reading: FileReading) -> dict[str, object]:
    """Without the sample: rows of clients are not to be kept beside the tables."""
    return {name: value for name, value in asdict(reading).items() if name != "sample"}


def _import(row: ImportRow) -> Import:
    return Import(
        id=row.id or 0,
        kind=ImportKind(row.kind),
        source=row.source,
        file_name=row.file_name,
        file_sha256=row.file_sha256,
        state=ImportState(row.state),
        reading={name: value for name, value in row.reading.items() if name != _REFUSAL},
        counts=ImportCounts(**row.counts),
        created_at=row.created_at,
        finished_at=row.finished_at,
        error=row.error,
        refusal=Refusal.of(row.reading[_REFUSAL]) if _REFUSAL in row.reading else None,
    )

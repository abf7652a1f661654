"""Saved mappings."""

from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from sqlmodel import col

from salesml.core.errors import NotFound
from salesml.core.imports import ImportKind
from salesml.core.mappings import SavedMapping, kept, restored
from salesml.db.tables import MappingRow


class SqlMappingRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def put(self, mapping: SavedMapping) -> None:
        """Store it, in the place of one of the same name."""
        row = MappingRow(
            name=mapping.name,
            kind=mapping.kind.value,
            options=dict(kept(mapping.options)),
            created_at=mapping.created_at,
            created_by=mapping.created_by,
        )
        self._session.merge(row)
        self._session.flush()

    def get(self, name: str) -> SavedMapping:
        """Raises NotFound."""
        row = self._session.get(MappingRow, name)
        if row is None:
            raise NotFound(f"there is no mapping {name}")
        return _value(row)

    def list(self) -> Sequence[SavedMapping]:
        """All of them, by name."""
        return [
            _value(row) for row in self._session.scalars(select(MappingRow).order_by(col(MappingRow.name)))
        ]

    def remove(self, name: str) -> None:
        """Raises NotFound."""
        gone = delete(MappingRow).where(col(MappingRow.name) == name).returning(col(MappingRow.name))
        if self._session.execute(gone).first() is None:
            raise NotFound(f"there is no mapping {name}")


def _value(row: MappingRow) -> SavedMapping:
    return SavedMapping(
        name=row.name,
        kind=ImportKind(row.kind),
        options=restored(row.options),
        created_at=row.created_at,
        created_by=row.created_by,
    )

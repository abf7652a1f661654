"""How far foreign databases have been read."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlmodel import col

from salesml.db.bulk import is_postgresql
from salesml.db.tables import WatermarkRow


class SqlWatermarkRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, key: str) -> str | None:
        return self._session.scalar(select(col(WatermarkRow.value)).where(col(WatermarkRow.key) == key))

    def remove(self, key: str) -> None:
        self._session.execute(delete(WatermarkRow).where(col(WatermarkRow.key) == key))

    def put(self, key: str, value: str, now: datetime) -> None:
        dialect = postgresql if is_postgresql(self._session) else sqlite
        new = dialect.insert(WatermarkRow).values(key=key, value=value, updated_at=now)
        changes = {"value": new.excluded.value, "updated_at": new.excluded.updated_at}
        self._session.execute(new.on_conflict_do_update(index_elements=["key"], set_=changes))

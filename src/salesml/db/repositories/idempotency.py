"""Answers that a repeated request gets again."""

import hashlib
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session
from sqlmodel import col

from salesml.core.errors import RequestInWork
from salesml.core.idempotency import KeptAnswer, KeyedRequest
from salesml.db.bulk import execute, is_postgresql
from salesml.db.tables import IdempotencyKeyRow


class SqlIdempotencyRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def claim(self, asked: KeyedRequest) -> None:
        # On SQLite to have begun is to be alone.
        if not is_postgresql(self._session):
            return
        told = hashlib.sha256(f"{asked.user_id}:{asked.key}".encode()).digest()
        lock = {"lock": int.from_bytes(told[:8], "big", signed=True)}
        if not execute(self._session, "SELECT pg_try_advisory_xact_lock(:lock)", lock).scalar_one():
            raise RequestInWork(f"a request under the key {asked.key!r} is being worked on; ask again later")

    def find(self, asked: KeyedRequest) -> KeptAnswer | None:
        row = self._session.execute(
            select(
                col(IdempotencyKeyRow.request), col(IdempotencyKeyRow.status), col(IdempotencyKeyRow.answer)
            ).where(col(IdempotencyKeyRow.user_id) == asked.user_id, col(IdempotencyKeyRow.key) == asked.key)
        ).first()
        return None if row is None else KeptAnswer(digest=bytes(row[0]), status=row[1], document=row[2])

    def keep(self, asked: KeyedRequest, status: int, document: dict[str, object], now: datetime) -> None:
        self._session.execute(
            insert(IdempotencyKeyRow).values(
                user_id=asked.user_id,
                key=asked.key,
                request=asked.digest,
                status=status,
                answer=document,
                created_at=now,
            )
        )

    def forget(self, before: datetime) -> None:
        """Drop answers that were given before that time."""
        self._session.execute(delete(IdempotencyKeyRow).where(col(IdempotencyKeyRow.created_at) < before))

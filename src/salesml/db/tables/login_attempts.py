"""Counts of logins that failed; the keys are digests of account and address."""

from datetime import datetime

from sqlalchemy import LargeBinary
from sqlmodel import Field

from salesml.db.tables.base import Row
from salesml.db.types import Instant


class LoginAttemptRow(Row, table=True):
    __tablename__ = "login_attempts"

    key: bytes = Field(primary_key=True, sa_type=LargeBinary)
    failures: int
    since: datetime = Field(sa_type=Instant, index=True)

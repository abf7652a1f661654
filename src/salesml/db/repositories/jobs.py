"""The durable queue."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, Update, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlmodel import col

from salesml.core.errors import DatabaseBusy, LeaseLost, NotFound
from salesml.core.jobs import UNFINISHED, Job, JobKind, JobStatus, Progress
from salesml.db.tables import JobRow

_COLUMNS = JobRow.__table__.columns
_UNFINISHED = tuple(status.value for status in UNFINISHED)


class SqlJobRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(
        self,
        kind: JobKind,
        args: Mapping[str, object],
        *,
        unique_key: str | None,
        created_by: str,
        now: datetime,
    ) -> Job:
        """Enqueue; an unfinished job of the same unique key is answered instead of a new one.

        Raises DatabaseBusy when that one ended at this very moment.
        """
        new = insert(JobRow).values(
            kind=kind.value,
            status=JobStatus.QUEUED.value,
            args=args,
            unique_key=unique_key,
            token=0,
            attempts=0,
            checkpoint={},
            progress=vars(Progress()),
            created_at=now,
            created_by=created_by,
        )
        try:
            with self._session.begin_nested():
                return _job(self._session.execute(new.returning(*_COLUMNS)).mappings().one())
        except IntegrityError:
            if unique_key is None:
                raise
            return self._unfinished_of(unique_key)

    def get(self, job_id: int) -> Job:
        """Raises NotFound."""
        row = self._session.execute(select(*_COLUMNS).where(col(JobRow.id) == job_id)).mappings().first()
        if row is None:
            raise NotFound(f"there is no job {job_id}")
        return _job(row)

    def unfinished(self, kind: JobKind) -> Sequence[Job]:
        """Queued and running jobs of a kind, the oldest first."""
        rows = self._session.execute(
            select(*_COLUMNS)
            .where(col(JobRow.status).in_(_UNFINISHED), col(JobRow.kind) == kind.value)
            .order_by(col(JobRow.id))
        )
        return [_job(row) for row in rows.mappings()]

    def claim(self, job_id: int, *, owner: str, expected_token: int, lease_until: datetime) -> Job | None:
        """Take a job whose token is still the expected one: token + 1, attempts + 1, RUNNING.

        None when another worker was faster. Whoever waited for that worker's row lock sees its token.
        """
        row = self._change(
            _held(job_id, expected_token),
            token=expected_token + 1,
            attempts=col(JobRow.attempts) + 1,
            status=JobStatus.RUNNING.value,
            owner=owner,
            lease_until=lease_until,
        )
        return None if row is None else _job(row)

    def heartbeat(self, job_id: int, token: int, lease_until: datetime) -> bool:
        """Extend the lease; False when the token is no longer the job's."""
        return self._change(_held(job_id, token), lease_until=lease_until) is not None

    def checkpoint(
        self, job_id: int, token: int, checkpoint: Mapping[str, object], progress: Progress
    ) -> None:
        """Save where the job stands, in the transaction of the data. Raises LeaseLost."""
        if self._change(_held(job_id, token), checkpoint=checkpoint, progress=vars(progress)) is None:
            raise _lost(job_id)

    def finish(
        self,
        job_id: int,
        token: int,
        status: JobStatus,
        *,
        now: datetime,
        result: Mapping[str, object] | None = None,
        error: str | None = None,
    ) -> None:
        """End the job. Raises LeaseLost."""
        ended = {"status": status.value, "finished_at": now, "result": result, "error": error}
        if self._change(_held(job_id, token), **ended, lease_until=None) is None:
            raise _lost(job_id)

    def _change(self, change: Update, **values: Any) -> RowMapping | None:
        return self._session.execute(change.values(**values).returning(*_COLUMNS)).mappings().first()

    def _unfinished_of(self, unique_key: str) -> Job:
        query = select(*_COLUMNS).where(
            col(JobRow.unique_key) == unique_key, col(JobRow.status).in_(_UNFINISHED)
        )
        row = self._session.execute(query).mappings().first()
        if row is None:  # it ended between the two statements, which only PostgreSQL lets happen
            raise DatabaseBusy(f"the job {unique_key} has just ended; try again")
        return _job(row)


def _held(job_id: int, token: int) -> Update:
    return update(JobRow).where(
        col(JobRow.id) == job_id, col(JobRow.token) == token, col(JobRow.status).in_(_UNFINISHED)
    )


def _lost(job_id: int) -> LeaseLost:
    return LeaseLost(f"job {job_id} has ended or belongs to another worker")


def _job(row: RowMapping) -> Job:
    read = {"kind": JobKind(row["kind"]), "status": JobStatus(row["status"])}
    return Job(**{**row, **read, "progress": Progress(**row["progress"])})

"""The durable queue."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Update, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlmodel import col

from salesml.core.errors import DatabaseBusy, LeaseLost, NotFound
from salesml.core.jobs import ENDING, UNFINISHED, Ending, Job, JobKind, JobStatus, Progress
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

    def page(
        self, *, kind: JobKind | None, status: JobStatus | None, before: int | None, limit: int
    ) -> Sequence[Job]:
        """At most `limit` jobs with an id below `before`, the newest first."""
        query = select(*_COLUMNS).order_by(col(JobRow.id).desc()).limit(limit)
        if kind is not None:
            query = query.where(col(JobRow.kind) == kind.value)
        if status is not None:
            query = query.where(col(JobRow.status) == status.value)
        if before is not None:
            query = query.where(col(JobRow.id) < before)
        return [_job(row) for row in self._session.execute(query).mappings()]

    def claim(self, job_id: int, *, owner: str, expected_token: int, lease_until: datetime) -> Job | None:
        """Take a job whose token is still the expected one: token + 1, attempts + 1, RUNNING.

        None when another worker was faster, or another job of the kind is running, which a unique index
        decides. On PostgreSQL a row that someone else is changing is skipped rather than waited for.
        """
        free = select(col(JobRow.id)).where(*_conditions(job_id, expected_token))
        taken = update(JobRow).where(col(JobRow.id).in_(free.with_for_update(skip_locked=True)))
        try:
            with self._session.begin_nested():
                row = self._change(
                    taken,
                    token=expected_token + 1,
                    attempts=col(JobRow.attempts) + 1,
                    status=JobStatus.RUNNING.value,
                    owner=owner,
                    lease_until=lease_until,
                )
        except IntegrityError:
            return None
        return None if row is None else _job(row)

    def heartbeat(
        self, job_id: int, token: int, lease_until: datetime, progress: Progress | None = None
    ) -> Job | None:
        """Extend the lease and, if given, show the progress; None when the token is no longer the job's."""
        shown = {} if progress is None else {"progress": vars(progress)}
        row = self._change(_held(job_id, token), lease_until=lease_until, **shown)
        return None if row is None else _job(row)

    def release(self, job_id: int, token: int, *, counted: bool) -> Job:
        """Hand a job back: QUEUED, its checkpoint kept, token + 1; uncounted, attempts - 1.

        Raises LeaseLost.
        """
        row = self._change(
            _held(job_id, token),
            token=token + 1,
            attempts=col(JobRow.attempts) - (0 if counted else 1),
            status=JobStatus.QUEUED.value,
            owner=None,
            lease_until=None,
        )
        if row is None:
            raise _lost(job_id)
        return _job(row)

    def cancel(self, job_id: int, now: datetime) -> Job:
        """CANCELLED at once while nobody has ever claimed it, otherwise asked of whoever has it or claims
        it next; a job that has ended stays as it is. Raises NotFound."""
        job = update(JobRow).where(col(JobRow.id) == job_id)
        untouched = job.where(col(JobRow.status) == JobStatus.QUEUED.value, col(JobRow.token) == 0)
        ending = Ending.because(JobStatus.CANCELLED, "cancelled")
        ended = {"status": ending.status.value, "finished_at": now, "error": ending.error}
        decided = {ENDING: ending.plain()}
        if self._change(untouched, cancel_requested=True, checkpoint=decided, **ended) is None:
            self._change(job.where(col(JobRow.status).in_(_UNFINISHED)), cancel_requested=True)
        return self.get(job_id)

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
    return update(JobRow).where(*_conditions(job_id, token))


def _conditions(job_id: int, token: int) -> tuple[ColumnElement[bool], ...]:
    return col(JobRow.id) == job_id, col(JobRow.token) == token, col(JobRow.status).in_(_UNFINISHED)


def _lost(job_id: int) -> LeaseLost:
    return LeaseLost(f"job {job_id} has ended or belongs to another worker")


def _job(row: RowMapping) -> Job:
    read = {"kind": JobKind(row["kind"]), "status": JobStatus(row["status"])}
    return Job(**{**row, **read, "progress": Progress(**row["progress"])})

"""The durable queue."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from salesml.core.jobs import Job, JobKind, JobStatus, Progress


class JobRepository(Protocol):
    def add(
        self,
        kind: JobKind,
        args: Mapping[str, object],
        *,
        unique_key: str | None,
        created_by: str,
        now: datetime,
    ) -> Job:
        """Enqueue; an unfinished job of the same unique key is answered instead of a new one."""

    def get(self, job_id: int) -> Job:
        """Raises NotFound."""

    def unfinished(self, kind: JobKind) -> Sequence[Job]:
        """Queued and running jobs of a kind, the oldest first."""

    def page(
        self, *, kind: JobKind | None, status: JobStatus | None, before: int | None, limit: int
    ) -> Sequence[Job]:
        """At most `limit` jobs with an id below `before`, the newest first."""

    def claim(self, job_id: int, *, owner: str, expected_token: int, lease_until: datetime) -> Job | None:
        """Take a job whose token is still the expected one: token + 1, attempts + 1, RUNNING.
        None when another worker was faster, or another job of the kind is running."""

    def heartbeat(
        self, job_id: int, token: int, lease_until: datetime, progress: Progress | None = None
    ) -> Job | None:
        """Extend the lease and, if given, show the progress; None when the token is no longer the job's."""

    def release(self, job_id: int, token: int, *, counted: bool) -> Job:
        """Hand a job back: QUEUED, its checkpoint kept, token + 1; uncounted, attempts - 1.
        Raises LeaseLost."""

    def cancel(self, job_id: int, now: datetime) -> Job:
        """CANCELLED at once while nobody has ever claimed it, otherwise asked of whoever has it or claims
        it next; a job that has ended stays as it is. Raises NotFound."""

    def checkpoint(
        self, job_id: int, token: int, checkpoint: Mapping[str, object], progress: Progress
    ) -> None:
        """Save where the job stands, in the transaction of the data. Raises LeaseLost."""

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

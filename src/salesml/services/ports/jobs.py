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

    def claim(self, job_id: int, *, owner: str, expected_token: int, lease_until: datetime) -> Job | None:
        """Take a job whose token is still the expected one: token + 1, attempts + 1, RUNNING.
        None when another worker was faster."""

    def heartbeat(self, job_id: int, token: int, lease_until: datetime) -> bool:
        """Extend the lease; False when the token is no longer the job's."""

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

"""The durable queue: who may run what, and the transactions that move a job on.

Jobs of one kind run one after the other. A claim raises the job's fencing token; whoever holds an
older one is refused at its next write (Kleppmann, "How to do distributed locking", 2016).
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

from salesml.core.jobs import Job, JobKind, JobStatus, Progress
from salesml.services.ports.unit_of_work import UnitOfWork

LEASE = timedelta(seconds=30)
MAX_ATTEMPTS = 5
T = TypeVar("T")


def enqueue(
    uow: UnitOfWork,
    kind: JobKind,
    args: Mapping[str, object],
    *,
    unique_key: str | None,
    created_by: str,
    now: datetime,
) -> Job:
    """Add a job, or answer the unfinished one of the same unique key."""
    return uow.jobs.add(kind, args, unique_key=unique_key, created_by=created_by, now=now)


def get(uow: UnitOfWork, job_id: int) -> Job:
    """Raises NotFound."""
    return uow.jobs.get(job_id)


def claim_next(
    uow: UnitOfWork, kind: JobKind, *, owner: str, is_gone: Callable[[str], bool], now: datetime
) -> Job | None:
    """Take the oldest unfinished job of a kind, if nobody holds it.

    A running job is free when its lease has ended or `is_gone` says that its owner has died. One that
    was tried MAX_ATTEMPTS times is failed instead, so that it cannot block the others for ever.
    """
    for job in uow.jobs.unfinished(kind):
        if job.status is JobStatus.RUNNING and not _is_free(job, is_gone, now):
            return None
        claimed = uow.jobs.claim(job.id, owner=owner, expected_token=job.token, lease_until=now + LEASE)
        if claimed is None or claimed.attempts <= MAX_ATTEMPTS:
            return claimed
        reason = f"given up after {MAX_ATTEMPTS} attempts that did not end"
        uow.jobs.finish(claimed.id, claimed.token, JobStatus.FAILED, now=now, error=reason)
    return None


def heartbeat(uow: UnitOfWork, job: Job, now: datetime) -> bool:
    """Keep the lease; False when it is lost."""
    return uow.jobs.heartbeat(job.id, job.token, now + LEASE)


def step(
    uow: UnitOfWork,
    job: Job,
    checkpoint: Callable[[T], Mapping[str, object]],
    progress: Progress,
    use_case: Callable[..., T],
    *args: Any,
) -> T:
    """Run a use case and save the checkpoint behind it, in this one transaction.

    `checkpoint` makes it from the use case's answer. Raises LeaseLost, undoing the use case, when
    another worker has taken the job over.
    """
    result = use_case(uow, *args)
    uow.jobs.checkpoint(job.id, job.token, checkpoint(result), progress)
    return result


def complete(
    uow: UnitOfWork, job: Job, now: datetime, use_case: Callable[..., Mapping[str, object]], *args: Any
) -> Mapping[str, object]:
    """Run the last use case of a job and end the job with its answer, in this one transaction."""
    result = use_case(uow, *args)
    uow.jobs.finish(job.id, job.token, JobStatus.SUCCEEDED, now=now, result=result)
    return result


def fail(uow: UnitOfWork, job: Job, error: str, now: datetime, *, cancelled: bool = False) -> None:
    """End a job without success."""
    status = JobStatus.CANCELLED if cancelled else JobStatus.FAILED
    uow.jobs.finish(job.id, job.token, status, now=now, error=error)


def _is_free(job: Job, is_gone: Callable[[str], bool], now: datetime) -> bool:
    ended = job.lease_until is None or job.lease_until <= now
    return ended or (job.owner is not None and is_gone(job.owner))

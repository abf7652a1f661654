"""The durable queue: who may run what, and the transactions that move a job on.

Jobs of one kind run one after the other. A claim raises the job's fencing token; whoever holds an
older one is refused at its next write (Kleppmann, "How to do distributed locking", 2016).
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from salesml.core.jobs import ENDING, Ending, Job, JobKind, JobStatus, Pace, Progress
from salesml.core.pages import DEFAULT_LIMIT, Page
from salesml.services.paging import newest_first
from salesml.services.ports.unit_of_work import UnitOfWork

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


def page(
    uow: UnitOfWork,
    *,
    kind: JobKind | None = None,
    status: JobStatus | None = None,
    limit: int = DEFAULT_LIMIT,
    cursor: str | None = None,
) -> Page[Job]:
    """Jobs, the newest first. Raises InvalidValue, InvalidCursor."""

    def fetch(count: int, before: int | None) -> Sequence[Job]:
        return uow.jobs.page(kind=kind, status=status, before=before, limit=count)

    return newest_first(f"jobs:{kind}:{status}", fetch, lambda job: job.id, limit=limit, cursor=cursor)


def cancel(uow: UnitOfWork, job_id: int, *, actor: str, now: datetime) -> Job:
    """Ask a job to end without success; answers it as it stands now.

    One that nobody has begun is CANCELLED at once. One that was begun is stopped by whoever runs it,
    which then takes back what it wrote. A job that has ended stays as it is. Raises NotFound.
    """
    asked_before = uow.jobs.get(job_id).cancel_requested
    job = uow.jobs.cancel(job_id, now)
    if job.cancel_requested and not asked_before:
        detail: dict[str, object] = {"kind": job.kind.value}
        uow.audit.add(at=now, actor=actor, action="job.cancelled", subject=str(job_id), detail=detail)
    return job


def next_claimable(
    uow: UnitOfWork, kind: JobKind, *, is_gone: Callable[[str], bool], now: datetime, pace: Pace
) -> Job | None:
    """The job of a kind whose turn it is; None while one is running, or nothing is left.

    A running job is free when its lease has ended or `is_gone` says that its owner has died. What was
    begun is finished first, so that no two half-done imports meet.
    """
    unfinished = uow.jobs.unfinished(kind)
    running = [job for job in unfinished if job.status is JobStatus.RUNNING]
    if all(_is_free(job, is_gone, now, pace) for job in running):
        return min(unfinished, key=_turn, default=None)
    return None


def claim_next(
    uow: UnitOfWork,
    kind: JobKind,
    *,
    owner: str,
    is_gone: Callable[[str], bool],
    now: datetime,
    pace: Pace,
) -> Job | None:
    """Take the job of a kind whose turn it is; `fate_of` says whether it may run.

    One that could not even be ended in order is failed here, so that it cannot block the others for ever.
    """
    while job := next_claimable(uow, kind, is_gone=is_gone, now=now, pace=pace):
        lease_until = now + timedelta(seconds=pace.lease_s)
        claimed = uow.jobs.claim(job.id, owner=owner, expected_token=job.token, lease_until=lease_until)
        if claimed is None or claimed.attempts <= 2 * MAX_ATTEMPTS:
            return claimed
        fail(uow, claimed, given_up(), now)
    return None


def fate_of(job: Job) -> Ending | None:
    """How a claimed job must end without being run: as begun, as asked, or after too many attempts."""
    if job.ending is not None:
        return job.ending
    if job.cancel_requested:
        return Ending.because(JobStatus.CANCELLED, "cancelled")
    return given_up() if job.attempts > MAX_ATTEMPTS else None


def given_up(reason: str = "") -> Ending:
    """The end of a job whose every attempt died."""
    if reason:
        return Ending.because(JobStatus.FAILED, "given_up_after", attempts=MAX_ATTEMPTS, reason=reason)
    return Ending.because(JobStatus.FAILED, "given_up", attempts=MAX_ATTEMPTS)


def heartbeat(uow: UnitOfWork, job: Job, now: datetime, pace: Pace, progress: Progress | None) -> Job | None:
    """Keep the lease and show the progress; None when the lease is lost or the job has ended."""
    return uow.jobs.heartbeat(job.id, job.token, now + timedelta(seconds=pace.lease_s), progress)


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


def begin_ending(uow: UnitOfWork, job: Job, ending: Ending) -> Job:
    """Decide how a job ends before its rows are taken back, so that whoever goes on with it ends it too.

    Raises LeaseLost.
    """
    if uow.jobs.get(job.id).ending is None:
        _decide(uow, job, ending)
    return uow.jobs.get(job.id)


def fail(uow: UnitOfWork, job: Job, ending: Ending, now: datetime) -> None:
    """End a job without success. Raises LeaseLost."""
    _decide(uow, job, ending)
    uow.jobs.finish(job.id, job.token, ending.status, now=now, error=ending.error)


def _decide(uow: UnitOfWork, job: Job, ending: Ending) -> None:
    stands = uow.jobs.get(job.id)
    decided = {**stands.checkpoint, ENDING: ending.plain()}
    uow.jobs.checkpoint(job.id, job.token, decided, stands.progress)


def hand_back(uow: UnitOfWork, job: Job, *, counted: bool) -> Job:
    """Queue a job again, its checkpoint kept; `counted` if the attempt failed. Raises LeaseLost."""
    return uow.jobs.release(job.id, job.token, counted=counted)


def _is_free(job: Job, is_gone: Callable[[str], bool], now: datetime, pace: Pace) -> bool:
    ended = job.lease_until is None or job.lease_until + timedelta(seconds=pace.margin_s) <= now
    return ended or (job.owner is not None and is_gone(job.owner))


def _turn(job: Job) -> tuple[bool, bool, int]:
    return job.status is not JobStatus.RUNNING, not job.checkpoint, job.id

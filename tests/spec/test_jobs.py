"""The durable queue: one specification, both databases."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import Engine, text

from salesml.core.errors import LeaseLost, NotFound
from salesml.core.jobs import Job, JobKind, JobStatus, Progress
from salesml.db.transactions import SqlTransactions
from salesml.db.unit_of_work import SqlUnitOfWork

NOW = datetime(2026, 1, 31, 12, 30, tzinfo=UTC)
LEASE = NOW + timedelta(seconds=60)


def add(uow: SqlUnitOfWork, key: str | None = None, kind: JobKind = JobKind.IMPORT) -> Job:
    return uow.jobs.add(kind, {"file": "a.csv"}, unique_key=key, created_by="cli:root", now=NOW)


def claim(uow: SqlUnitOfWork, job: Job, owner: str = "worker-1") -> Job | None:
    return uow.jobs.claim(job.id, owner=owner, expected_token=job.token, lease_until=LEASE)


def claimed(tx: SqlTransactions, key: str | None = None) -> Job:
    job = tx.run(claim, tx.run(add, key))
    assert job is not None
    return job


def finish(uow: SqlUnitOfWork, job: Job, status: JobStatus = JobStatus.SUCCEEDED) -> None:
    uow.jobs.finish(job.id, job.token, status, now=LEASE, result={"rows": 3}, error=None)


def get(tx: SqlTransactions, job: Job) -> Job:
    return tx.read(lambda uow: uow.jobs.get(job.id))


def test_a_new_job_is_queued_with_its_arguments(tx: SqlTransactions) -> None:
    job = tx.run(add, "import:abc")
    assert job == Job(
        id=job.id, kind=JobKind.IMPORT, status=JobStatus.QUEUED, args={"file": "a.csv"}, attempts=0, token=0,
        unique_key="import:abc", owner=None, lease_until=None, created_at=NOW, created_by="cli:root",
    )  # fmt: skip
    assert get(tx, job) == job


def test_an_unknown_job_is_not_found(tx: SqlTransactions) -> None:
    with pytest.raises(NotFound):
        tx.read(lambda uow: uow.jobs.get(99))


def test_the_unfinished_job_of_a_key_is_answered_instead_of_a_second_one(tx: SqlTransactions) -> None:
    first = tx.run(add, "cron:nightly:2026-01-31T02:00Z")
    assert tx.run(add, first.unique_key) == first
    running = tx.run(claim, first)
    assert tx.run(add, first.unique_key) == running


def test_a_key_is_free_again_when_its_job_has_ended(tx: SqlTransactions) -> None:
    first = claimed(tx, "train")
    tx.run(finish, first)
    assert tx.run(add, "train").id != first.id


def test_jobs_without_a_key_never_stand_for_each_other(tx: SqlTransactions) -> None:
    assert tx.run(add).id != tx.run(add).id


def test_of_two_connections_that_add_one_key_both_get_the_same_job(tx: SqlTransactions) -> None:
    together = Barrier(8)

    def race(_: int) -> int:
        together.wait()
        return tx.run(add, "once").id

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(race, range(8)))) == 1
    assert len(tx.read(lambda uow: uow.jobs.unfinished(JobKind.IMPORT))) == 1


def test_unfinished_jobs_of_a_kind_come_oldest_first(tx: SqlTransactions) -> None:
    done = claimed(tx)
    tx.run(finish, done)
    tx.run(add, None, JobKind.TRAINING)
    running, queued = claimed(tx), tx.run(add)
    assert tx.read(lambda uow: uow.jobs.unfinished(JobKind.IMPORT)) == [running, queued]


def test_a_claim_raises_the_token_and_counts_the_attempt(tx: SqlTransactions) -> None:
    job = claimed(tx)
    assert (job.token, job.attempts, job.status, job.owner) == (1, 1, JobStatus.RUNNING, "worker-1")
    assert job.lease_until == LEASE
    again = tx.run(claim, job, "worker-2")
    assert again is not None
    assert (again.token, again.attempts, again.owner) == (2, 2, "worker-2")


def test_a_claim_with_an_old_token_takes_nothing(tx: SqlTransactions) -> None:
    queued = tx.run(add)
    running = tx.run(claim, queued)
    assert tx.run(claim, queued, "worker-2") is None
    assert get(tx, queued) == running


def test_an_ended_job_cannot_be_claimed(tx: SqlTransactions) -> None:
    job = claimed(tx)
    tx.run(finish, job)
    assert tx.run(claim, job) is None


def test_of_many_workers_exactly_one_claims_a_job(tx: SqlTransactions) -> None:
    job = tx.run(add)
    together = Barrier(8)

    def race(number: int) -> Job | None:
        together.wait()
        return tx.run(claim, job, f"worker-{number}")

    with ThreadPoolExecutor(8) as pool:
        winners = [won for won in pool.map(race, range(8)) if won is not None]
    assert len(winners) == 1
    assert get(tx, job) == winners[0]


def test_only_the_holder_of_the_token_extends_the_lease(tx: SqlTransactions) -> None:
    job, later = claimed(tx), LEASE + timedelta(seconds=30)
    assert tx.run(lambda uow: uow.jobs.heartbeat(job.id, job.token, later))
    assert not tx.run(lambda uow: uow.jobs.heartbeat(job.id, job.token - 1, LEASE))
    assert get(tx, job).lease_until == later


def test_a_checkpoint_says_where_the_job_stands(tx: SqlTransactions) -> None:
    job, progress = claimed(tx), Progress(stage="publish", done=10, total=30, bytes=7, total_bytes=9)
    tx.run(lambda uow: uow.jobs.checkpoint(job.id, job.token, {"row": 10}, progress))
    stored = get(tx, job)
    assert (stored.checkpoint, stored.progress) == ({"row": 10}, progress)


def test_progress_that_was_stored_without_bytes_is_read(tx: SqlTransactions, engine: Engine) -> None:
    job = claimed(tx)
    old = json.dumps({"stage": "reading", "done": 5, "total": 0, "unit": "rows"})
    with engine.begin() as connection:
        connection.execute(text("UPDATE jobs SET progress = :old WHERE id = :id"), {"old": old, "id": job.id})
    assert get(tx, job).progress == Progress(stage="reading", done=5)


def test_who_lost_the_lease_can_neither_checkpoint_nor_finish(tx: SqlTransactions) -> None:
    lost = claimed(tx)
    taken = tx.run(claim, lost, "worker-2")
    with pytest.raises(LeaseLost):
        tx.run(lambda uow: uow.jobs.checkpoint(lost.id, lost.token, {"row": 10}, Progress()))
    with pytest.raises(LeaseLost):
        tx.run(finish, lost)
    assert get(tx, lost) == taken


def test_a_finished_job_keeps_its_result_and_takes_no_more(tx: SqlTransactions) -> None:
    job = claimed(tx)
    tx.run(finish, job)
    ended = get(tx, job)
    assert (ended.status, ended.result, ended.error) == (JobStatus.SUCCEEDED, {"rows": 3}, None)
    assert (ended.finished_at, ended.lease_until) == (LEASE, None)
    assert not tx.run(lambda uow: uow.jobs.heartbeat(job.id, job.token, LEASE))
    with pytest.raises(LeaseLost):
        tx.run(lambda uow: uow.jobs.checkpoint(job.id, job.token, {}, Progress()))
    with pytest.raises(LeaseLost):
        tx.run(finish, job, JobStatus.FAILED)


def test_a_heartbeat_can_show_progress_and_tells_of_a_wish_to_cancel(tx: SqlTransactions) -> None:
    job, progress = claimed(tx), Progress(stage="reading", done=5)
    tx.run(lambda uow: uow.jobs.cancel(job.id, LEASE))
    kept = tx.run(lambda uow: uow.jobs.heartbeat(job.id, job.token, LEASE, progress))
    assert kept is not None
    assert (kept.progress, kept.cancel_requested) == (progress, True)
    assert not tx.run(lambda uow: uow.jobs.heartbeat(job.id, 0, LEASE, Progress(stage="of a zombie")))
    assert get(tx, job).progress == progress


def test_a_second_job_of_a_kind_cannot_run_beside_the_first(tx: SqlTransactions) -> None:
    first, second = tx.run(add), tx.run(add)
    assert tx.run(claim, second) is not None
    assert tx.run(claim, first) is None
    assert get(tx, first) == first
    assert tx.run(claim, tx.run(add, None, JobKind.SCORING)) is not None


def test_of_many_workers_that_claim_different_jobs_of_a_kind_one_wins(tx: SqlTransactions) -> None:
    queued = [tx.run(add) for _ in range(8)]
    together = Barrier(8)

    def race(job: Job) -> Job | None:
        together.wait()
        return tx.run(claim, job)

    with ThreadPoolExecutor(8) as pool:
        assert len([won for won in pool.map(race, queued) if won is not None]) == 1


def test_a_job_that_is_handed_back_keeps_its_checkpoint_and_shuts_its_holder_out(tx: SqlTransactions) -> None:
    job = claimed(tx)
    tx.run(lambda uow: uow.jobs.checkpoint(job.id, job.token, {"row": 10}, Progress()))
    back = tx.run(lambda uow: uow.jobs.release(job.id, job.token, counted=False))
    assert (back.status, back.owner, back.lease_until) == (JobStatus.QUEUED, None, None)
    assert (back.checkpoint, back.attempts) == ({"row": 10}, 0)
    with pytest.raises(LeaseLost):
        tx.run(lambda uow: uow.jobs.checkpoint(job.id, job.token, {"row": 11}, Progress()))
    with pytest.raises(LeaseLost):
        tx.run(lambda uow: uow.jobs.release(job.id, job.token, counted=False))


def test_an_attempt_that_failed_stays_counted(tx: SqlTransactions) -> None:
    job = claimed(tx)
    assert tx.run(lambda uow: uow.jobs.release(job.id, job.token, counted=True)).attempts == 1


def test_a_job_that_nobody_has_begun_is_cancelled_at_once(tx: SqlTransactions) -> None:
    job = tx.run(add)
    ended = tx.run(lambda uow: uow.jobs.cancel(job.id, LEASE))
    assert (ended.status, ended.finished_at, ended.error) == (JobStatus.CANCELLED, LEASE, "cancelled")
    assert tx.run(claim, job) is None


def test_a_job_that_was_begun_is_only_asked_to_end(tx: SqlTransactions) -> None:
    job = claimed(tx)
    assert tx.run(lambda uow: uow.jobs.cancel(job.id, LEASE)).status is JobStatus.RUNNING
    back = tx.run(lambda uow: uow.jobs.release(job.id, job.token, counted=False))
    assert tx.run(lambda uow: uow.jobs.cancel(job.id, LEASE)) == back
    assert back.cancel_requested


def test_a_job_that_has_ended_is_not_cancelled_any_more(tx: SqlTransactions) -> None:
    job = claimed(tx)
    tx.run(finish, job)
    ended = get(tx, job)
    assert tx.run(lambda uow: uow.jobs.cancel(job.id, LEASE)) == ended
    with pytest.raises(NotFound):
        tx.run(lambda uow: uow.jobs.cancel(99, LEASE))


def test_jobs_are_listed_newest_first_by_kind_and_status(tx: SqlTransactions) -> None:
    imports = [tx.run(add) for _ in range(3)]
    training = tx.run(add, None, JobKind.TRAINING)
    running = tx.run(claim, imports[1])

    def page(kind: JobKind | None, status: JobStatus | None, before: int | None, limit: int) -> list[int]:
        found = tx.read(lambda uow: uow.jobs.page(kind=kind, status=status, before=before, limit=limit))
        return [job.id for job in found]

    assert running is not None
    ids = [job.id for job in imports]
    assert page(None, None, None, 9) == [training.id, *reversed(ids)]
    assert page(JobKind.IMPORT, None, None, 2) == [ids[2], ids[1]]
    assert page(JobKind.IMPORT, None, ids[1], 2) == [ids[0]]
    assert page(None, JobStatus.QUEUED, training.id, 9) == [ids[2], ids[0]]

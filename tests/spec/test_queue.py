"""Whose turn it is, how jobs end, and what becomes of those that died: one specification, both databases."""

from datetime import UTC, datetime, timedelta

from salesml.core.jobs import Ending, Job, JobKind, JobStatus, Pace, Progress
from salesml.db.transactions import SqlTransactions
from salesml.services import jobs

NOW = datetime(2026, 1, 31, 12, 30, tzinfo=UTC)
PACE = Pace()
CANCELLED = Ending.because(JobStatus.CANCELLED, "cancelled")


def add(tx: SqlTransactions, kind: JobKind = JobKind.IMPORT) -> Job:
    return tx.run(jobs.enqueue, kind, {"file": "a.csv"}, unique_key=None, created_by="cli:root", now=NOW)


def claim(tx: SqlTransactions, *, seconds: float = 0, dead: str = "", owner: str = "worker-1") -> Job | None:
    return tx.run(
        jobs.claim_next,
        JobKind.IMPORT,
        owner=owner,
        is_gone=lambda one: one == dead,
        now=NOW + timedelta(seconds=seconds),
        pace=PACE,
    )


def claimed(tx: SqlTransactions, **how: float) -> Job:
    job = claim(tx, **how)  # type: ignore[arg-type]
    assert job is not None
    return job


def mark(tx: SqlTransactions, job: Job, checkpoint: dict[str, object]) -> None:
    tx.run(lambda uow: uow.jobs.checkpoint(job.id, job.token, checkpoint, Progress()))


def test_jobs_of_a_kind_run_one_after_the_other(tx: SqlTransactions) -> None:
    first, second = add(tx), add(tx)
    running = claimed(tx)
    assert running.id == first.id
    assert claim(tx, owner="worker-2") is None
    tx.run(jobs.fail, running, CANCELLED, NOW)
    assert claimed(tx).id == second.id


def test_a_job_is_taken_over_a_margin_after_its_lease_has_ended(tx: SqlTransactions) -> None:
    add(tx)
    first = claimed(tx)
    assert claim(tx, seconds=PACE.lease_s + PACE.margin_s - 1) is None
    second = claimed(tx, seconds=PACE.lease_s + PACE.margin_s)
    assert (second.id, second.token, second.attempts) == (first.id, 2, 2)


def test_a_heartbeat_puts_taking_over_off(tx: SqlTransactions) -> None:
    add(tx)
    job = claimed(tx)
    assert tx.run(jobs.heartbeat, job, NOW + timedelta(seconds=29), PACE, None) is not None
    assert claim(tx, seconds=68) is None
    assert claim(tx, seconds=69) is not None


def test_a_job_whose_owner_has_died_is_taken_over_at_once(tx: SqlTransactions) -> None:
    add(tx)
    claimed(tx)
    assert claim(tx, dead="worker-2") is None
    assert claim(tx, dead="worker-1") is not None


def test_what_was_begun_is_finished_before_older_jobs_that_were_not(tx: SqlTransactions) -> None:
    older = add(tx)
    begun = add(tx)
    running = tx.run(
        lambda uow: uow.jobs.claim(begun.id, owner="worker-1", expected_token=0, lease_until=NOW)
    )
    assert running is not None
    mark(tx, running, {"import_id": 1})
    tx.run(jobs.hand_back, running, counted=False)
    assert claimed(tx).id == begun.id
    assert tx.read(jobs.get, older.id).status is JobStatus.QUEUED


def test_asking_whose_turn_it_is_takes_nothing(tx: SqlTransactions) -> None:
    job = add(tx)
    found = tx.read(jobs.next_claimable, JobKind.IMPORT, is_gone=lambda _: False, now=NOW, pace=PACE)
    assert found == job == tx.read(jobs.get, job.id)


def test_handing_back_in_good_order_costs_no_attempt_however_often(tx: SqlTransactions) -> None:
    add(tx)
    for _ in range(3 * jobs.MAX_ATTEMPTS):
        job = claimed(tx)
        assert (job.attempts, jobs.fate_of(job)) == (1, None)
        tx.run(jobs.hand_back, job, counted=False)


def test_a_job_that_died_too_often_is_claimed_once_more_only_to_be_ended(tx: SqlTransactions) -> None:
    add(tx)
    for _ in range(jobs.MAX_ATTEMPTS):
        job = claimed(tx)
        assert jobs.fate_of(job) is None
        tx.run(jobs.hand_back, job, counted=True)
    fate = jobs.fate_of(claimed(tx))
    assert fate == Ending.because(JobStatus.FAILED, "given_up", attempts=5)
    assert fate.error == "given up after 5 attempts that did not end"


def test_a_job_that_cannot_even_be_ended_does_not_block_the_others(tx: SqlTransactions) -> None:
    broken, other = add(tx), add(tx)
    for _ in range(2 * jobs.MAX_ATTEMPTS):
        tx.run(jobs.hand_back, claimed(tx), counted=True)
    assert claimed(tx).id == other.id
    ended = tx.read(jobs.get, broken.id)
    assert (ended.status, ended.error) == (JobStatus.FAILED, jobs.given_up().error)


def test_a_wish_to_cancel_is_the_fate_of_whoever_claims_next(tx: SqlTransactions) -> None:
    add(tx)
    job = claimed(tx)
    tx.run(jobs.cancel, job.id, actor="ann", now=NOW)
    tx.run(jobs.hand_back, job, counted=False)
    assert jobs.fate_of(claimed(tx)) == CANCELLED


def test_an_ending_that_was_begun_is_gone_on_with_and_not_changed(tx: SqlTransactions) -> None:
    add(tx)
    job, failed = claimed(tx), Ending(status=JobStatus.FAILED, error="no good row")
    mark(tx, job, {"import_id": 7})
    ending = tx.run(jobs.begin_ending, job, failed)
    assert ending.checkpoint["import_id"] == 7
    tx.run(jobs.begin_ending, job, CANCELLED)
    tx.run(jobs.hand_back, job, counted=True)
    assert jobs.fate_of(claimed(tx)) == failed


def test_cancelling_is_told_to_the_audit_trail_once(tx: SqlTransactions) -> None:
    job = add(tx)
    for _ in range(2):
        assert tx.run(jobs.cancel, job.id, actor="ann", now=NOW).status is JobStatus.CANCELLED
    events = tx.read(lambda uow: uow.audit.latest())
    assert [(event.actor, event.action, event.subject) for event in events] == [
        ("ann", "job.cancelled", str(job.id))
    ]


def test_pages_of_jobs_join_without_a_gap(tx: SqlTransactions) -> None:
    made = [add(tx).id for _ in range(5)]
    seen, cursor = [], None
    while True:
        page = tx.read(jobs.page, kind=JobKind.IMPORT, limit=2, cursor=cursor)
        seen += [job.id for job in page.items]
        if (cursor := page.next_cursor) is None:
            break
    assert seen == made[::-1]

"""Work that recurs: one specification, both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from threading import Barrier
from zoneinfo import ZoneInfo

import pytest

from salesml.core.errors import AlreadyExists, InvalidValue, NotFound
from salesml.core.jobs import Job, JobKind, JobStatus
from salesml.core.schedules import Schedule
from salesml.db.transactions import SqlTransactions
from salesml.services import installation, jobs, schedules

WARSAW = ZoneInfo("Europe/Warsaw")
NOW = datetime(2026, 1, 31, 12, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _installed(tx: SqlTransactions) -> None:
    tx.run(installation.initialise, currency="PLN", timezone="Europe/Warsaw", now=NOW)


def create(
    tx: SqlTransactions, cron: str = "0 6 * * *", name: str = "nightly", now: datetime = NOW
) -> Schedule:
    kind = JobKind.SCORING
    return tx.run(schedules.create, name=name, cron=cron, kind=kind, args={}, created_by="ann", now=now)


def fire(tx: SqlTransactions, now: datetime) -> list[str]:
    """Business times of what fires now."""
    due = tx.read(schedules.due, now=now)
    assert len(tx.run(schedules.fire, now=now)) == len(due)
    return [f"{firing.at.astimezone(WARSAW):%m-%d %H:%M%z}" for firing in due]


def finish(tx: SqlTransactions) -> None:
    """End every queued job, so that the next firing makes a new one."""
    for job in tx.read(jobs.page, kind=JobKind.SCORING, status=JobStatus.QUEUED).items:
        tx.run(jobs.cancel, job.id, actor="ann", now=NOW)


def walk(tx: SqlTransactions, begin: datetime, end: datetime, minutes: int = 60) -> list[str]:
    """What a worker fires that looks so often."""
    fired, now = [], begin
    while now <= end:
        fired += fire(tx, now)
        finish(tx)
        now += timedelta(minutes=minutes)
    return fired


def test_schedules_are_made_listed_and_deleted(tx: SqlTransactions) -> None:
    nightly = create(tx, "0  6 * * *")
    weekly = create(tx, "30 7 * * MON", "weekly")
    assert tx.read(schedules.list_schedules) == [nightly, weekly]
    assert nightly.cron == "0 6 * * *"
    tx.run(schedules.delete, "nightly", actor="ann", now=NOW)
    assert tx.read(schedules.list_schedules) == [weekly]
    with pytest.raises(NotFound):
        tx.run(schedules.delete, "nightly", actor="ann", now=NOW)
    with pytest.raises(AlreadyExists):
        create(tx, name="weekly")
    actions = [event.action for event in tx.read(lambda uow: uow.audit.latest())]
    assert actions == ["schedule.deleted", "schedule.created", "schedule.created"]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"cron": "0 6 * *"}, "cron"),
        ({"cron": "0 6 * * * *"}, "cron"),
        ({"cron": "61 6 * * *"}, "cron"),
        ({"cron": "0 6 30 2 *"}, "cron"),
        ({"cron": ""}, "cron"),
        ({"name": "Nightly run"}, "name"),
        ({"name": ""}, "name"),
        ({"kind": JobKind.BACKTEST}, "kind"),
        ({"args": {"as_of_day": 3}}, "args"),
        ({"args": {"targets": "weather"}}, "args"),
        ({"args": {"targets": ""}}, "args"),
        ({"args": {"estimator": "oracle"}}, "estimator"),
    ],
)
def test_what_cannot_be_scheduled_is_refused(
    tx: SqlTransactions, changed: dict[str, object], field: str
) -> None:
    good = {"name": "nightly", "cron": "0 6 * * *", "kind": JobKind.TRAINING, "args": {}}
    with pytest.raises(InvalidValue) as refused:
        tx.run(schedules.create, **{**good, **changed}, created_by="ann", now=NOW)  # type: ignore[arg-type]
    assert refused.value.field == field
    assert tx.read(schedules.list_schedules) == []


def test_a_firing_is_a_job_with_the_defaults_of_its_kind(tx: SqlTransactions) -> None:
    args: dict[str, object] = {"targets": "sales"}
    made = {"kind": JobKind.TRAINING, "args": args, "created_by": "ann", "now": NOW}
    tx.run(schedules.create, name="weekly", cron="0 6 * * *", **made)  # type: ignore[arg-type]
    (job,) = tx.run(schedules.fire, now=NOW + timedelta(days=1))
    assert (job.kind, job.created_by) == (JobKind.TRAINING, "schedule:weekly")
    assert job.args == {"targets": "sales", "estimator": None}


def test_nothing_fires_for_times_before_the_schedule_was_made(tx: SqlTransactions) -> None:
    create(tx, "0 6 * * *")
    assert fire(tx, NOW) == []
    assert fire(tx, datetime(2026, 2, 1, 4, 59, 59, tzinfo=UTC)) == []
    assert fire(tx, datetime(2026, 2, 1, 5, 0, tzinfo=UTC)) == ["02-01 06:00+0100"]


def test_a_time_fires_once_however_often_it_is_looked_at(tx: SqlTransactions) -> None:
    create(tx)
    later = NOW + timedelta(days=1)
    assert fire(tx, later) == ["02-01 06:00+0100"]
    finish(tx)
    assert fire(tx, later) == fire(tx, later + timedelta(hours=1)) == []


def test_of_missed_times_only_the_latest_is_made_up_for(tx: SqlTransactions) -> None:
    create(tx, "0 * * * *")
    assert fire(tx, NOW + timedelta(days=3)) == ["02-03 13:00+0100"]


def test_a_time_missed_for_more_than_a_day_is_let_go(tx: SqlTransactions) -> None:
    create(tx, "0 6 1 * *")
    assert fire(tx, datetime(2026, 2, 2, 5, 1, tzinfo=UTC)) == []
    assert fire(tx, datetime(2026, 3, 2, 4, 59, tzinfo=UTC)) == ["03-01 06:00+0100"]


def test_a_schedule_made_anew_does_not_repeat_a_time(tx: SqlTransactions) -> None:
    create(tx)
    later = datetime(2026, 2, 1, 5, 0, tzinfo=UTC)
    fire(tx, later)
    finish(tx)
    tx.run(schedules.delete, "nightly", actor="ann", now=later)
    create(tx, now=NOW)
    assert fire(tx, later) == []


def test_a_job_still_unfinished_stands_for_the_next_time_too(tx: SqlTransactions) -> None:
    create(tx, "* * * * *")
    (first,) = tx.run(schedules.fire, now=NOW + timedelta(minutes=1))
    (second,) = tx.run(schedules.fire, now=NOW + timedelta(minutes=2))
    assert first.id == second.id


def test_of_many_workers_one_fires(tx: SqlTransactions) -> None:
    create(tx)
    create(tx, name="other")
    together = Barrier(8)

    def race(_: int) -> list[Job]:
        together.wait()
        return list(tx.run(schedules.fire, now=NOW + timedelta(days=1)))

    with ThreadPoolExecutor(8) as pool:
        fired = [job for found in pool.map(race, range(8)) for job in found]
    assert sorted(job.created_by for job in fired) == ["schedule:nightly", "schedule:other"]
    assert len(tx.read(jobs.page).items) == 2


def test_a_missing_hour_fires_right_behind_it(tx: SqlTransactions) -> None:
    begin = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)
    create(tx, "30 2 * * *", now=begin)
    assert walk(tx, begin, begin + timedelta(days=2)) == ["03-29 03:00+0200", "03-30 02:30+0200"]


def test_a_doubled_hour_fires_once(tx: SqlTransactions) -> None:
    begin = datetime(2026, 10, 24, 12, 0, tzinfo=UTC)
    create(tx, "30 2 * * *", now=begin)
    assert walk(tx, begin, begin + timedelta(days=2)) == ["10-25 02:30+0200", "10-26 02:30+0100"]


def test_a_line_of_every_hour_fires_in_both_passes_of_a_doubled_hour(tx: SqlTransactions) -> None:
    begin = datetime(2026, 10, 24, 23, 10, tzinfo=UTC)
    create(tx, "0 * * * *", now=begin)
    assert walk(tx, begin, begin + timedelta(hours=3), minutes=10) == [
        "10-25 02:00+0200",
        "10-25 02:00+0100",
        "10-25 03:00+0100",
    ]


@pytest.mark.parametrize("cron", ["30 2 * * *", "*/20 2 * * *", "0 2,3 * * *", "15 * * * *", "0 0 * * *"])
@pytest.mark.parametrize(
    "day", [datetime(2026, 3, 28, 22, tzinfo=UTC), datetime(2026, 10, 24, 22, tzinfo=UTC)]
)
def test_looking_often_fires_what_the_line_says(tx: SqlTransactions, cron: str, day: datetime) -> None:
    create(tx, cron, now=day)
    end = day + timedelta(hours=5)
    said = takewhile(lambda at: at <= end, schedules.times(cron, day, WARSAW))
    expected = [f"{at:%m-%d %H:%M%z}" for at in said]
    assert walk(tx, day, end, minutes=10) == list(dict.fromkeys(expected))

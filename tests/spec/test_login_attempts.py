"""Counts of logins that failed: one specification, both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from salesml.core.login_attempts import Attempts
from salesml.db.transactions import SqlTransactions

NOW = datetime(2026, 1, 31, 12, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def count(tx: SqlTransactions, key: bytes = b"anna", now: datetime = NOW) -> Attempts:
    return tx.run(lambda uow: uow.login_attempts.count(key, now=now, begun_before=now - 5 * MINUTE))


def test_each_key_is_counted_from_its_first_attempt(tx: SqlTransactions) -> None:
    assert count(tx) == Attempts(failures=1, since=NOW)
    assert count(tx, now=NOW + MINUTE) == Attempts(failures=2, since=NOW)
    assert count(tx, b"other", NOW + MINUTE) == Attempts(failures=1, since=NOW + MINUTE)


def test_a_count_that_is_older_than_its_window_starts_anew(tx: SqlTransactions) -> None:
    count(tx)
    assert count(tx, now=NOW + 5 * MINUTE - timedelta(seconds=1)).failures == 2
    assert count(tx, now=NOW + 5 * MINUTE) == Attempts(failures=1, since=NOW + 5 * MINUTE)


def test_no_attempt_of_many_at_once_is_lost(tx: SqlTransactions) -> None:
    with ThreadPoolExecutor(4) as pool:
        counted = list(pool.map(lambda _: count(tx).failures, range(12)))
    assert sorted(counted) == list(range(1, 13))


def test_an_attempt_is_taken_back_or_the_count_removed(tx: SqlTransactions) -> None:
    for _ in range(3):
        count(tx)
        count(tx, b"other")
    tx.run(lambda uow: uow.login_attempts.take_back(b"anna"))
    assert count(tx).failures == 3
    tx.run(lambda uow: uow.login_attempts.remove(b"anna"))
    assert count(tx).failures == 1
    assert count(tx, b"other").failures == 4


def test_old_counts_are_swept(tx: SqlTransactions) -> None:
    count(tx)
    count(tx, b"young", NOW + MINUTE)
    tx.run(lambda uow: uow.login_attempts.remove_before(NOW + MINUTE))
    assert count(tx, now=NOW + MINUTE).since == NOW + MINUTE
    assert count(tx, b"young", NOW + MINUTE).failures == 2

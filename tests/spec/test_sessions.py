"""Sessions of browsers: one specification, both databases."""

from datetime import UTC, datetime, timedelta

import pytest

from salesml.core.sessions import ABSOLUTE, IDLE, Session
from salesml.core.users import UserRole
from salesml.db.transactions import SqlTransactions
from salesml.db.unit_of_work import SqlUnitOfWork

NOW = datetime(2026, 1, 31, 12, 30, tzinfo=UTC)
DAY = timedelta(days=1)


def session(user_id: int, name: str = "one", created_at: datetime = NOW) -> Session:
    return Session(
        digest=name.encode(),
        user_id=user_id,
        created_at=created_at,
        seen_at=created_at,
        expires_at=created_at + ABSOLUTE,
    )


@pytest.fixture
def user_id(tx: SqlTransactions) -> int:
    return tx.run(add_user, "anna@example.com")


def add_user(uow: SqlUnitOfWork, email: str) -> int:
    return uow.users.add(email=email, role=UserRole.ANALYST, password_hash="x", now=NOW).id


def names(tx: SqlTransactions, user_id: int) -> list[str]:
    return [one.digest.decode() for one in tx.read(lambda uow: uow.sessions.of_user(user_id))]


def add(tx: SqlTransactions, *sessions: Session) -> None:
    for one in sessions:
        tx.run(lambda uow, each: uow.sessions.add(each), one)


def test_a_session_is_found_by_its_digest_as_it_was_added(tx: SqlTransactions, user_id: int) -> None:
    one = session(user_id)
    add(tx, one)
    assert tx.read(lambda uow: uow.sessions.find(one.digest)) == one
    assert tx.read(lambda uow: uow.sessions.find(b"other")) is None


def test_sessions_of_a_user_come_newest_first(tx: SqlTransactions, user_id: int) -> None:
    other = tx.run(add_user, "other@example.com")
    add(tx, session(user_id, "old"), session(user_id, "new", NOW + DAY), session(other, "other"))
    assert names(tx, user_id) == ["new", "old"]


def test_touching_moves_only_the_last_use(tx: SqlTransactions, user_id: int) -> None:
    add(tx, session(user_id), session(user_id, "two"))
    tx.run(lambda uow: uow.sessions.touch(b"one", NOW + DAY))
    tx.run(lambda uow: uow.sessions.touch(b"gone", NOW + DAY))
    touched, other = (tx.read(lambda uow, key: uow.sessions.find(key), key) for key in (b"one", b"two"))
    assert touched is not None
    assert other is not None
    assert (touched.seen_at, touched.expires_at) == (NOW + DAY, NOW + ABSOLUTE)
    assert other.seen_at == NOW


def test_one_session_is_removed_or_all_of_a_user(tx: SqlTransactions, user_id: int) -> None:
    other = tx.run(add_user, "other@example.com")
    add(tx, *(session(user_id, name) for name in ("a", "b", "c")), session(other, "other"))
    tx.run(lambda uow: uow.sessions.remove(b"a"))
    tx.run(lambda uow: uow.sessions.remove(b"a"))
    assert names(tx, user_id) == ["b", "c"]
    tx.run(lambda uow: uow.sessions.remove_of_user(user_id))
    assert names(tx, user_id) == []
    assert names(tx, other) == ["other"]


def test_sessions_that_are_over_are_swept_and_others_stay(tx: SqlTransactions, user_id: int) -> None:
    add(tx, session(user_id, "idle"), session(user_id, "old"), session(user_id, "young", NOW + 29 * DAY))
    now = NOW + ABSOLUTE
    tx.run(lambda uow: uow.sessions.touch(b"old", now))
    tx.run(lambda uow: uow.sessions.remove_over(seen_before=now - IDLE, now=now))
    assert names(tx, user_id) == ["young"]

"""Refresh tokens of scripts: one specification, both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from salesml.core.sessions import RefreshToken
from salesml.core.users import UserRole
from salesml.db.transactions import SqlTransactions
from salesml.db.unit_of_work import SqlUnitOfWork

NOW = datetime(2026, 1, 31, 12, 30, tzinfo=UTC)
DAY = timedelta(days=1)


def token(user_id: int, name: str = "one", family: str = "family") -> RefreshToken:
    return RefreshToken(
        digest=name.encode(), family=family, user_id=user_id, issued_at=NOW, expires_at=NOW + DAY
    )


@pytest.fixture
def user_id(tx: SqlTransactions) -> int:
    return tx.run(add_user, "anna@example.com")


def add_user(uow: SqlUnitOfWork, email: str) -> int:
    return uow.users.add(email=email, role=UserRole.ANALYST, password_hash="x", now=NOW).id


def add(tx: SqlTransactions, *tokens: RefreshToken) -> None:
    for one in tokens:
        tx.run(lambda uow, each: uow.refresh_tokens.add(each), one)


def find(tx: SqlTransactions, name: str) -> RefreshToken | None:
    return tx.read(lambda uow: uow.refresh_tokens.find(name.encode()))


def use(tx: SqlTransactions, name: str) -> bool:
    return tx.run(lambda uow: uow.refresh_tokens.use(name.encode(), NOW))


def test_a_token_is_found_by_its_digest_as_it_was_added(tx: SqlTransactions, user_id: int) -> None:
    add(tx, token(user_id))
    assert find(tx, "one") == token(user_id)
    assert find(tx, "other") is None


def test_a_token_is_used_once(tx: SqlTransactions, user_id: int) -> None:
    add(tx, token(user_id), token(user_id, "two"))
    assert use(tx, "one")
    assert not use(tx, "one")
    assert not use(tx, "unknown")
    used, other = find(tx, "one"), find(tx, "two")
    assert used is not None
    assert other is not None
    assert (used.used_at, other.used_at) == (NOW, None)


def test_of_many_uses_at_once_one_succeeds(tx: SqlTransactions, user_id: int) -> None:
    add(tx, token(user_id))
    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(lambda _: use(tx, "one"), range(4))) == [False, False, False, True]


def test_a_revoked_token_cannot_be_used(tx: SqlTransactions, user_id: int) -> None:
    add(tx, token(user_id), token(user_id, "two", "other family"))
    tx.run(lambda uow: uow.refresh_tokens.revoke_family("family", NOW))
    assert not use(tx, "one")
    assert use(tx, "two")


def test_all_tokens_of_a_user_are_revoked_and_nobody_elses(tx: SqlTransactions, user_id: int) -> None:
    other = tx.run(add_user, "other@example.com")
    add(tx, token(user_id), token(user_id, "two", "second"), token(other, "three", "third"))
    tx.run(lambda uow: uow.refresh_tokens.revoke_of_user(user_id, NOW))
    assert [use(tx, name) for name in ("one", "two", "three")] == [False, False, True]


def test_revoked_families_are_told_by_when_they_were_revoked_first(tx: SqlTransactions, user_id: int) -> None:
    add(tx, token(user_id, "a", "early"), token(user_id, "b", "late"), token(user_id, "c", "alive"))
    for family, when in (("early", NOW), ("early", NOW + 2 * DAY), ("late", NOW + DAY)):
        tx.run(lambda uow, one, at: uow.refresh_tokens.revoke_family(one, at), family, when)

    def since(when: datetime) -> frozenset[str]:
        return tx.read(lambda uow: uow.refresh_tokens.revoked_families(user_id, when))

    assert since(NOW) == {"early", "late"}
    assert since(NOW + DAY) == {"late"}
    assert since(NOW + 2 * DAY) == frozenset()


def test_expired_tokens_are_swept(tx: SqlTransactions, user_id: int) -> None:
    add(tx, token(user_id))
    tx.run(lambda uow: uow.refresh_tokens.remove_expired(NOW + DAY))
    assert find(tx, "one") is not None
    tx.run(lambda uow: uow.refresh_tokens.remove_expired(NOW + 2 * DAY))
    assert find(tx, "one") is None

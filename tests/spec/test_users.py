"""Users: one specification, both databases."""

from datetime import UTC, datetime

import pytest

from salesml.core.errors import AlreadyExists, NotFound
from salesml.core.users import User, UserRole
from salesml.db.transactions import SqlTransactions
from salesml.db.unit_of_work import SqlUnitOfWork

NOW = datetime(2026, 1, 31, 12, 30, tzinfo=UTC)


def add(uow: SqlUnitOfWork, email: str = "anna@example.com", role: UserRole = UserRole.ANALYST) -> User:
    return uow.users.add(email=email, role=role, password_hash=f"hash of {email}", now=NOW)


def test_a_user_is_found_by_email_as_it_was_added(tx: SqlTransactions) -> None:
    added = tx.run(add, "anna@example.com", UserRole.ADMIN)
    assert added == User(
        id=added.id, email="anna@example.com", role=UserRole.ADMIN, is_active=True, created_at=NOW
    )
    assert tx.read(lambda uow: uow.users.find("anna@example.com")) == added
    assert tx.read(lambda uow: uow.users.find("other@example.com")) is None


def test_an_email_is_given_once_and_the_transaction_lives_on(tx: SqlTransactions) -> None:
    def twice(uow: SqlUnitOfWork) -> User:
        add(uow)
        with pytest.raises(AlreadyExists, match="a user anna"):
            add(uow)
        return add(uow, "second@example.com")

    second = tx.run(twice)
    assert tx.read(lambda uow: [user.email for user in uow.users.list()]) == [
        "anna@example.com",
        second.email,
    ]


def test_users_are_listed_by_email(tx: SqlTransactions) -> None:
    for email in ("c@example.com", "a@example.com", "b@example.com"):
        tx.run(add, email)
    emails = tx.read(lambda uow: [user.email[0] for user in uow.users.list()])
    assert emails == ["a", "b", "c"]


def test_a_user_is_disabled_and_enabled(tx: SqlTransactions) -> None:
    user = tx.run(add)
    for active in (False, True):
        tx.run(lambda uow, on: uow.users.set_active(user.id, on), active)
        found = tx.read(lambda uow: uow.users.find(user.email))
        assert found is not None
        assert found.is_active is active


def test_the_password_hash_is_kept_apart_from_the_user(tx: SqlTransactions) -> None:
    user = tx.run(add)
    assert tx.read(lambda uow: uow.users.password_hash(user.id)) == "hash of anna@example.com"


def test_an_unknown_user_is_not_found(tx: SqlTransactions) -> None:
    with pytest.raises(NotFound):
        tx.run(lambda uow: uow.users.set_active(99, False))
    with pytest.raises(NotFound):
        tx.read(lambda uow: uow.users.password_hash(99))

"""Users: one specification, both databases."""

from collections.abc import Callable
from dataclasses import replace
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


def test_a_user_is_got_by_id(tx: SqlTransactions) -> None:
    user = tx.run(add)
    assert tx.read(lambda uow: uow.users.get(user.id)) == user


@pytest.mark.parametrize(
    "change",
    [
        lambda uow, user: uow.users.set_role(user.id, UserRole.ADMIN),
        lambda uow, user: uow.users.set_active(user.id, False),
        lambda uow, user: uow.users.set_password_hash(user.id, "new"),
    ],
)
def test_what_a_user_may_or_knows_raises_the_revision(
    tx: SqlTransactions, change: Callable[[SqlUnitOfWork, User], None]
) -> None:
    user, other = tx.run(add), tx.run(add, "other@example.com")
    tx.run(change, user)
    assert tx.read(lambda uow: uow.users.get(user.id).revision) == user.revision + 1 == 2
    assert tx.read(lambda uow: uow.users.get(other.id)) == other


def test_language_and_a_hash_of_other_costs_leave_the_revision(tx: SqlTransactions) -> None:
    user = tx.run(add)
    tx.run(lambda uow: uow.users.set_language(user.id, "en"))
    tx.run(lambda uow: uow.users.renew_password_hash(user.id, "new"))
    assert tx.read(lambda uow: uow.users.get(user.id)) == replace(user, language="en")
    assert tx.read(lambda uow: uow.users.password_hash(user.id)) == "new"


def test_nothing_is_changed_of_a_user_who_does_not_exist(tx: SqlTransactions) -> None:
    with pytest.raises(NotFound):
        tx.read(lambda uow: uow.users.get(99))
    with pytest.raises(NotFound):
        tx.run(lambda uow: uow.users.set_role(99, UserRole.ADMIN))
    with pytest.raises(NotFound):
        tx.run(lambda uow: uow.users.set_language(99, "pl"))

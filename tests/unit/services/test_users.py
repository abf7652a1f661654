"""Creating, listing and disabling users, on a unit of work in memory."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import cast

import pytest

from salesml.core.errors import AlreadyExists, InvalidValue, NotAllowed, NotFound
from salesml.core.users import User, UserRole
from salesml.services import users
from salesml.services.passwords import verify_password
from salesml.services.ports.unit_of_work import UnitOfWork

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
PASSWORD = "correct horse battery"


class UsersInMemory:
    """What `UserRepository` promises, in a dictionary."""

    def __init__(self) -> None:
        self._users: dict[str, User] = {}
        self._hashes: dict[int, str] = {}

    def add(self, *, email: str, role: UserRole, password_hash: str, now: datetime) -> User:
        if email in self._users:
            raise AlreadyExists(f"user {email}")
        user = User(id=len(self._users) + 1, email=email, role=role, is_active=True, created_at=now)
        self._users[email] = user
        self._hashes[user.id] = password_hash
        return user

    def get(self, user_id: int) -> User:
        return next(user for user in self._users.values() if user.id == user_id)

    def find(self, email: str) -> User | None:
        return self._users.get(email)

    def list(self) -> Sequence[User]:
        return sorted(self._users.values(), key=lambda user: user.email)

    def set_active(self, user_id: int, active: bool) -> None:
        user = self.get(user_id)
        self._users[user.email] = replace(user, is_active=active, revision=user.revision + 1)

    def password_hash(self, user_id: int) -> str:
        return self._hashes[user_id]


class LoginsInMemory:
    """Sessions and refresh tokens: whose were ended."""

    def __init__(self) -> None:
        self.ended: list[int] = []

    def revoke_of_user(self, user_id: int, _: datetime) -> None:
        self.ended.append(user_id)

    def remove_of_user(self, user_id: int) -> None:
        self.ended.append(user_id)


class AuditInMemory:
    def __init__(self) -> None:
        self.events: list[dict[str, object]] = []

    def add(self, *, at: datetime, actor: str, action: str, subject: str, detail: dict[str, object]) -> None:
        self.events.append(
            {"at": at.isoformat(), "actor": actor, "action": action, "subject": subject, "detail": detail}
        )


@dataclass
class UnitInMemory:
    users: UsersInMemory = field(default_factory=UsersInMemory)
    audit: AuditInMemory = field(default_factory=AuditInMemory)
    refresh_tokens: LoginsInMemory = field(default_factory=LoginsInMemory)
    sessions: LoginsInMemory = field(default_factory=LoginsInMemory)


@pytest.fixture
def unit() -> UnitInMemory:
    return UnitInMemory()


@pytest.fixture(autouse=True)
def _hash_cheaply(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(users, "hash_password", lambda password: f"hash of {len(password)} characters")


def _create(
    unit: UnitInMemory,
    email: str = "ewa@shop.example",
    password: str = PASSWORD,
    role: UserRole = UserRole.ANALYST,
) -> User:
    return users.create_user(
        cast("UnitOfWork", unit), email=email, role=role, password=password, actor="cli:root", now=NOW
    )


def _disable(unit: UnitInMemory, email: str) -> User:
    return users.disable_user(cast("UnitOfWork", unit), email=email, actor="cli:root", now=NOW)


def test_a_new_user_is_active_and_known_by_the_trimmed_lower_case_address(unit: UnitInMemory) -> None:
    user = _create(unit, " Ewa@Shop.Example ", role=UserRole.ADMIN)
    assert user == User(id=1, email="ewa@shop.example", role=UserRole.ADMIN, is_active=True, created_at=NOW)
    assert users.list_users(cast("UnitOfWork", unit)) == [user]


def test_the_password_is_stored_only_as_a_hash_that_accepts_it(
    unit: UnitInMemory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    stored = unit.users.password_hash(_create(unit).id)
    assert PASSWORD not in stored
    assert verify_password(PASSWORD, stored)


def test_the_same_address_in_other_letters_is_taken(unit: UnitInMemory) -> None:
    _create(unit)
    with pytest.raises(AlreadyExists):
        _create(unit, "EWA@shop.example")
    assert len(unit.audit.events) == 1


def test_creating_and_disabling_are_audited_without_the_password(unit: UnitInMemory) -> None:
    _create(unit)
    _disable(unit, "ewa@shop.example")
    assert [(event["action"], event["subject"], event["detail"]) for event in unit.audit.events] == [
        ("user.created", "ewa@shop.example", {"role": "analyst"}),
        ("user.disabled", "ewa@shop.example", {}),
    ]
    assert {(event["actor"], event["at"]) for event in unit.audit.events} == {("cli:root", NOW.isoformat())}
    trail = json.dumps(unit.audit.events)
    assert PASSWORD not in trail
    assert "hash of" not in trail


@pytest.mark.parametrize(
    ("email", "password", "reason"),
    [
        ("ewa.nowak@shop.example", "ewa.nowak", "name in the e-mail"),
        ("ewa.nowak@shop.example", "xx-EWA.Nowak-2026", "name in the e-mail"),
        ("abcdefgh@shop.example", "ABCDEFGH", "name in the e-mail"),
        ("ewa@shop.example", "SalesML-2026!", '"salesml"'),
        ("ewa@shop.example", "Password123", "commonest"),
        ("ewa@shop.example", "12345678", "commonest"),
        ("ewa@shop.example", "short", "8 to 1024"),
        ("ewa@shop.example", "x" * 1025, "8 to 1024"),
    ],
)
def test_a_password_that_is_guessed_first_is_refused_and_nothing_is_written(
    unit: UnitInMemory, email: str, password: str, reason: str
) -> None:
    with pytest.raises(InvalidValue, match=reason) as caught:
        _create(unit, email, password)
    assert caught.value.field == "password"
    assert password not in str(caught.value)
    assert unit.users.list() == []
    assert unit.audit.events == []


def test_a_name_of_one_letter_forbids_no_password_that_has_the_letter(unit: UnitInMemory) -> None:
    assert _create(unit, "a@shop.example", "a long passphrase").is_active


def test_what_is_no_address_is_refused(unit: UnitInMemory) -> None:
    with pytest.raises(InvalidValue, match="email"):
        _create(unit, "ewa at shop")


def test_a_disabled_user_stays_in_the_list_and_disabling_twice_is_audited_once(unit: UnitInMemory) -> None:
    _create(unit)
    assert not _disable(unit, "EWA@shop.example").is_active
    assert not _disable(unit, "ewa@shop.example").is_active
    assert [user.is_active for user in users.list_users(cast("UnitOfWork", unit))] == [False]
    assert len(unit.audit.events) == 2


def test_disabling_ends_every_login_of_the_user(unit: UnitInMemory) -> None:
    user = _create(unit)
    _disable(unit, user.email)
    assert unit.sessions.ended == unit.refresh_tokens.ended == [user.id]
    assert unit.users.get(user.id).revision == user.revision + 1


def test_the_last_administrator_cannot_be_shut_out(unit: UnitInMemory) -> None:
    _create(unit, role=UserRole.ADMIN)
    with pytest.raises(NotAllowed, match="last administrator"):
        _disable(unit, "ewa@shop.example")
    _create(unit, "adam@shop.example", role=UserRole.ADMIN)
    assert not _disable(unit, "ewa@shop.example").is_active


def test_disabling_someone_unknown_says_so(unit: UnitInMemory) -> None:
    with pytest.raises(NotFound, match=r"nobody@shop\.example"):
        _disable(unit, "nobody@shop.example")

"""The audit trail: one specification, both databases."""

from datetime import UTC, datetime, timedelta, timezone
from types import MappingProxyType

from salesml.db.transactions import SqlTransactions
from salesml.db.unit_of_work import SqlUnitOfWork

NOW = datetime(2026, 1, 31, 12, 30, tzinfo=UTC)


def add(uow: SqlUnitOfWork, /, action: str, at: datetime = NOW, **detail: object) -> None:
    uow.audit.add(at=at, actor="cli:root", action=action, subject="import 7", detail=detail)


def test_the_newest_event_comes_first_and_no_more_than_asked_for(tx: SqlTransactions) -> None:
    for action in ("import.begun", "import.published", "import.removed"):
        tx.run(add, action)
    latest = tx.read(lambda uow: uow.audit.latest(2))
    assert [event.action for event in latest] == ["import.removed", "import.published"]


def test_an_event_keeps_who_what_and_details(tx: SqlTransactions) -> None:
    tx.run(add, "import.published", rows=3, names=["Łódź", "b"], inner=MappingProxyType({"x": None}))
    (event,) = tx.read(lambda uow: uow.audit.latest())
    assert (event.actor, event.subject) == ("cli:root", "import 7")
    assert event.detail == {"rows": 3, "names": ["Łódź", "b"], "inner": {"x": None}}


def test_a_time_of_another_zone_is_the_same_instant_in_utc(tx: SqlTransactions) -> None:
    tx.run(add, "import.begun", NOW.astimezone(timezone(timedelta(hours=5))))
    (event,) = tx.read(lambda uow: uow.audit.latest())
    assert event.at == NOW
    assert event.at.tzinfo is UTC


def test_older_events_follow_those_of_the_page_before(tx: SqlTransactions) -> None:
    for action in ("a", "b", "c"):
        tx.run(add, action)
    (newest,) = tx.read(lambda uow: uow.audit.latest(1))
    rest = tx.read(lambda uow: uow.audit.latest(10, newest.id))
    assert [event.action for event in rest] == ["b", "a"]

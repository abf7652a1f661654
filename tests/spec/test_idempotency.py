"""Kept answers: one specification, both databases."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine
from tests.support.servers import password_hash

from salesml.core.errors import KeyReused, RequestInWork
from salesml.core.idempotency import KeptAnswer, KeyedRequest, digest_of
from salesml.core.users import UserRole
from salesml.db.transactions import SqlTransactions
from salesml.db.unit_of_work import SqlUnitOfWork
from salesml.services import idempotency

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.fixture
def asked(tx: SqlTransactions) -> KeyedRequest:
    def add(uow: SqlUnitOfWork) -> int:
        hashed = password_hash()
        return uow.users.add(email="a@shop.example", role=UserRole.ANALYST, password_hash=hashed, now=NOW).id

    return KeyedRequest(user_id=tx.run(add), key="k", digest=digest_of("/orders?", b"[1]"))


def test_an_answer_goes_with_the_work_that_it_tells_of(tx: SqlTransactions, asked: KeyedRequest) -> None:
    def fails(uow: SqlUnitOfWork) -> dict[str, object]:
        uow.clients.create("default", ["a"], None)
        raise LookupError

    def works(uow: SqlUnitOfWork) -> dict[str, object]:
        uow.clients.create("default", ["a"], None)
        return {"accepted": 1}

    with pytest.raises(LookupError):
        tx.run(idempotency.once, asked, NOW, fails)
    kept = KeptAnswer(digest=asked.digest, status=200, document={"accepted": 1})
    assert tx.run(idempotency.once, asked, NOW, works) == (kept, False)
    assert tx.run(idempotency.once, asked, NOW, fails) == (kept, True)
    assert tx.read(lambda uow: uow.clients.count()) == 1
    other = KeyedRequest(user_id=asked.user_id, key="k", digest=digest_of("/orders?", b"[2]"))
    with pytest.raises(KeyReused, match="take a new one"):
        tx.run(idempotency.once, other, NOW, works)
    later = NOW + timedelta(hours=25)
    assert tx.run(idempotency.once, other, later, lambda _: {"accepted": 2})[1] is False


def test_two_at_one_time_do_the_work_once(engine: Engine, tx: SqlTransactions, asked: KeyedRequest) -> None:
    entered, go_on, outcomes = threading.Event(), threading.Event(), list[object]()

    def slowly(_: SqlUnitOfWork) -> dict[str, object]:
        entered.set()
        assert go_on.wait(10)
        return {"accepted": 1}

    def never(_: SqlUnitOfWork) -> dict[str, object]:
        raise AssertionError("the work was done twice")

    def second() -> None:
        try:
            outcomes.append(SqlTransactions(engine).run(idempotency.once, asked, NOW, never)[1])
        except RequestInWork:
            outcomes.append("in work")

    first = threading.Thread(target=tx.run, args=(idempotency.once, asked, NOW, slowly))
    first.start()
    assert entered.wait(10)
    other = threading.Thread(target=second)
    other.start()
    other.join(0.5)
    go_on.set()
    first.join(10)
    other.join(10)
    # A writer of SQLite waits for the one before it, and then finds its answer.
    assert outcomes == [True if engine.dialect.name == "sqlite" else "in work"]

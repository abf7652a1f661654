"""One use case, one transaction: one specification, both databases."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from threading import Barrier, Event
from time import monotonic, sleep

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from salesml.core.errors import DatabaseBusy
from salesml.core.jobs import JobKind
from salesml.core.users import UserRole
from salesml.db.engine import make_engine
from salesml.db.transactions import AsyncTransactions, SqlTransactions
from salesml.db.unit_of_work import SqlUnitOfWork

NOW = datetime(2026, 1, 31, 12, 30, tzinfo=UTC)
LONG_S = 20


def add(uow: SqlUnitOfWork, name: str = "anna") -> None:
    uow.users.add(email=f"{name}@example.com", role=UserRole.ANALYST, password_hash="x", now=NOW)


def count(uow: SqlUnitOfWork) -> int:
    return len(uow.users.list())


@contextmanager
def held_write(tx: SqlTransactions, name: str = "holder") -> Iterator[None]:
    """Another thread has written and not yet committed; it commits at the end of the block."""
    written, release = Event(), Event()

    def hold(uow: SqlUnitOfWork) -> None:
        add(uow, name)
        written.set()
        assert release.wait(LONG_S)

    with ThreadPoolExecutor(1) as pool:
        holder = pool.submit(tx.run, hold)
        assert written.wait(LONG_S)
        try:
            yield
        finally:
            release.set()
            holder.result()


def test_what_a_use_case_wrote_is_kept_when_it_returns(tx: SqlTransactions) -> None:
    tx.run(add)
    assert tx.read(count) == 1


def test_nothing_is_kept_of_a_use_case_that_raises(tx: SqlTransactions) -> None:
    def half(uow: SqlUnitOfWork) -> None:
        add(uow)
        raise LookupError("half way")

    with pytest.raises(LookupError, match="half way"):
        tx.run(half)
    assert tx.read(count) == 0
    tx.run(add)
    assert tx.read(count) == 1


def test_arguments_reach_the_use_case_and_its_answer_comes_back(tx: SqlTransactions) -> None:
    def use_case(uow: SqlUnitOfWork, first: int, *, second: int) -> tuple[int, int, int]:
        return count(uow), first, second

    assert tx.run(use_case, 1, second=2) == (0, 1, 2)
    assert tx.read(use_case, 3, second=4) == (0, 3, 4)


def test_a_read_cannot_write_and_leaves_its_connection_able_to(tx: SqlTransactions) -> None:
    with pytest.raises(DBAPIError, match=r"readonly|read-only"):
        tx.read(add)
    tx.run(add)
    assert tx.read(count) == 1


def test_a_read_does_not_wait_for_a_held_write_lock(tx: SqlTransactions) -> None:
    with held_write(tx):
        begun = monotonic()
        assert tx.read(count) == 0
        assert monotonic() - begun < 5
    assert tx.read(count) == 1


def test_a_read_sees_one_snapshot_while_a_writer_commits(tx: SqlTransactions) -> None:
    def twice(uow: SqlUnitOfWork) -> tuple[int, int]:
        before = count(uow)
        with ThreadPoolExecutor(1) as pool:
            pool.submit(tx.run, add).result()
        return before, count(uow)

    assert tx.read(twice) == (0, 0)
    assert tx.read(count) == 1


def test_a_second_writer_queues_behind_the_first(tx: SqlTransactions) -> None:
    with ThreadPoolExecutor(1) as pool:
        with held_write(tx):
            second = pool.submit(tx.run, add, "second")
            sleep(0.2)
        second.result()
    assert tx.read(count) == 2


def test_writers_that_read_first_all_succeed(tx: SqlTransactions) -> None:
    together = Barrier(4)

    def read_and_add(uow: SqlUnitOfWork, name: str) -> None:
        count(uow)
        add(uow, name)

    def writer(number: int) -> None:
        together.wait()
        for turn in range(10):
            tx.run(read_and_add, f"{number}-{turn}")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(writer, range(4)))
    assert tx.read(count) == 40


@pytest.mark.parametrize("inner", ["run", "read"])
def test_a_transaction_inside_another_is_refused_at_once(tx: SqlTransactions, inner: str) -> None:
    def outer(uow: SqlUnitOfWork) -> None:
        add(uow)
        getattr(tx, inner)(count)

    with pytest.raises(RuntimeError, match="pass it the unit of work"):
        tx.run(outer)
    assert tx.read(count) == 0


def test_a_sqlite_writer_that_waited_too_long_says_so(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("salesml.db.engine.BUSY_TIMEOUT_S", 0.05)
    engine = make_engine(sqlite_url)
    tx = SqlTransactions(engine)
    with held_write(tx), pytest.raises(DatabaseBusy, match="holds the write lock; try again"):
        tx.run(add)
    tx.run(add)
    engine.dispose()


def test_of_two_postgresql_writers_in_a_deadlock_one_is_told_to_try_again(postgres_url: str) -> None:
    engine = make_engine(postgres_url)
    tx, together = SqlTransactions(engine), Barrier(2)

    def enqueue(uow: SqlUnitOfWork) -> int:
        return uow.jobs.add(JobKind.IMPORT, {}, unique_key=None, created_by="x", now=NOW).id

    def cross(uow: SqlUnitOfWork, first: int, second: int) -> None:
        uow.jobs.heartbeat(first, 0, NOW + timedelta(seconds=1))
        together.wait(LONG_S)
        uow.jobs.heartbeat(second, 0, NOW + timedelta(seconds=2))

    one, other = tx.run(enqueue), tx.run(enqueue)
    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(tx.run, cross, a, b) for a, b in ((one, other), (other, one))]
    ends = [future.exception() for future in both]
    assert [type(end) for end in ends if end] == [DatabaseBusy]
    engine.dispose()


async def test_a_slow_query_does_not_stall_the_event_loop(tx: SqlTransactions, database_url: str) -> None:
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 3000000)"
    slow = f"{numbers} SELECT max(i) FROM n" if database_url.startswith("sqlite") else "SELECT pg_sleep(0.5)"
    async_tx = AsyncTransactions(tx, workers=1)
    query = asyncio.create_task(async_tx.read(lambda uow: uow._session.execute(text(slow)).scalar()))
    ticks = 0
    while not query.done():
        await asyncio.sleep(0.01)
        ticks += 1
    await query
    async_tx.close()
    assert ticks >= 5


def add_and_fail(uow: SqlUnitOfWork) -> float:
    add(uow, "half")
    return 1 / 0


async def test_a_coroutine_commits_rolls_back_and_reads_like_everyone(tx: SqlTransactions) -> None:
    async_tx = AsyncTransactions(tx, workers=2)
    await async_tx.run(add, name="anna")
    with pytest.raises(ZeroDivisionError):
        await async_tx.run(add_and_fail)
    assert await async_tx.read(count) == 1
    async_tx.close()


async def test_no_more_use_cases_run_at_once_than_there_are_workers(tx: SqlTransactions) -> None:
    async_tx, running, most = AsyncTransactions(tx, workers=2), 0, 0

    def use_case(_: SqlUnitOfWork) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        sleep(0.05)
        running -= 1

    await asyncio.gather(*(async_tx.read(use_case) for _ in range(6)))
    async_tx.close()
    assert most == 2


async def test_context_variables_reach_the_use_case(tx: SqlTransactions) -> None:
    async_tx, request_id = AsyncTransactions(tx, workers=1), ContextVar("request_id", default="none")
    request_id.set("abc")
    assert await async_tx.read(lambda _: request_id.get()) == "abc"
    async_tx.close()


async def test_closing_waits_for_what_has_begun_and_takes_nothing_more(tx: SqlTransactions) -> None:
    async_tx, begun = AsyncTransactions(tx, workers=1), Event()

    def slow_add(uow: SqlUnitOfWork) -> None:
        begun.set()
        sleep(0.1)
        add(uow)

    task = asyncio.create_task(async_tx.run(slow_add))
    while not begun.is_set():
        await asyncio.sleep(0.01)
    async_tx.close()
    assert tx.read(count) == 1
    await task
    with pytest.raises(RuntimeError):
        await async_tx.read(count)

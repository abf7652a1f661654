"""One use case, one transaction: begun, committed and rolled back here and nowhere else."""

import asyncio
import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from functools import partial
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from salesml.db.engine import reading, truncate_log, writing
from salesml.db.errors import translated
from salesml.db.scrubbing import scrub_deeply
from salesml.db.unit_of_work import SqlUnitOfWork

_LOG = logging.getLogger(__name__)
P = ParamSpec("P")
T = TypeVar("T")


class SqlTransactions:
    """Runs use cases on a synchronous session; safe to share between threads.

    The transaction begins with the first question that a use case asks. Raises DatabaseBusy,
    DatabaseUnavailable and NotMigrated; RuntimeError for a transaction inside another.
    """

    def __init__(self, engine: Engine, *, erased_digest: Callable[[str, str], bytes] | None = None) -> None:
        """`erased_digest(source, external_id)` is how an erased client is known again; only asking
        whether a client was erased needs it."""
        self._url, self._engine = engine.url, engine
        self._info = {"erased_digest": erased_digest}
        self._writing, self._reading = writing(engine), reading(engine)
        self._thread = threading.local()

    def run(
        self, use_case: Callable[Concatenate[SqlUnitOfWork, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Begin for writing, commit on return, roll back on raise."""
        with self._transaction(self._writing) as uow:
            return use_case(uow, *args, **kwargs)

    def read(
        self, use_case: Callable[Concatenate[SqlUnitOfWork, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """The same on a read-only snapshot, never waiting for a writer."""
        with self._transaction(self._reading) as uow:
            return use_case(uow, *args, **kwargs)

    def scrub(self, *, deeply: bool = False) -> None:
        """Leave nothing of what was deleted in the database's own files, as far as that lies with us."""
        with translated(self._url):
            if not (scrub_deeply if deeply else truncate_log)(self._engine):
                _LOG.warning("readers kept the log of the database from being emptied; a later deletion will")

    @contextmanager
    def _transaction(self, engine: Engine) -> Iterator[SqlUnitOfWork]:
        # On SQLite the inner one would wait for the write lock of the outer one until it gives up.
        if getattr(self._thread, "busy", False):
            raise RuntimeError("a use case cannot open a second transaction; pass it the unit of work")
        self._thread.busy = True
        try:
            with translated(self._url), Session(engine, info=self._info) as session, session.begin():
                yield SqlUnitOfWork(session)
        finally:
            self._thread.busy = False


class AsyncTransactions:
    """The same for coroutines: each use case runs in one of `workers` threads, never on the event loop.

    Context variables are kept. A cancelled await does not stop a use case that has begun: it still
    commits or rolls back as a whole.
    """

    def __init__(self, transactions: SqlTransactions, workers: int) -> None:
        self._transactions = transactions
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="salesml-tx")

    async def run(
        self, use_case: Callable[Concatenate[SqlUnitOfWork, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        return await self._in_thread(partial(self._transactions.run, use_case, *args, **kwargs))

    async def read(
        self, use_case: Callable[Concatenate[SqlUnitOfWork, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        return await self._in_thread(partial(self._transactions.read, use_case, *args, **kwargs))

    async def scrub(self, *, deeply: bool = False) -> None:
        await self._in_thread(partial(self._transactions.scrub, deeply=deeply))

    def close(self) -> None:
        """Wait for what has begun, and take nothing more."""
        self._pool.shutdown()

    async def _in_thread(self, call: Callable[[], T]) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, copy_context().run, call)

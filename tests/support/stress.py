"""What the processes of the SQLite stress test do. Separate, so that a spawned process can import it."""

import time
from multiprocessing.synchronize import Barrier
from threading import Event, Thread

from tests.support.ledgers import begin, identities_of, orders, set_state

from salesml.db.engine import make_engine
from salesml.db.transactions import SqlTransactions
from salesml.db.unit_of_work import SqlUnitOfWork
from salesml.ml.features.engine import features
from salesml.ml.history import History

ROWS = 5


_START: list[Barrier] = []


def prepare(start: Barrier) -> None:
    """Runs first in each process; all begin together, however long their imports take."""
    _START.append(start)


def _deadline(seconds: float) -> float:
    _START[0].wait(timeout=60)
    return time.monotonic() + seconds


def write(url: str, writer: str, seconds: float) -> list[str]:
    """Commit small batches for some seconds, pulling the ledger in another thread of this process all
    the while; answers the order numbers whose commit was seen."""
    engine = make_engine(url)
    tx, stop = SqlTransactions(engine), Event()
    committed: list[str] = []
    deadline = _deadline(seconds)
    puller = Thread(target=_pull, args=(tx, stop))
    puller.start()
    try:
        while time.monotonic() < deadline:
            numbers = [f"{writer}-{len(committed) + place}" for place in range(ROWS)]
            tx.run(_add, numbers)
            committed += numbers
    finally:
        stop.set()
        puller.join()
        engine.dispose()
    return committed


def read(url: str, seconds: float) -> list[tuple[int, int]]:
    """Orders and sum of purchases in the features, at each of the pulls of some seconds."""
    engine = make_engine(url)
    tx = SqlTransactions(engine)
    seen: list[tuple[int, int]] = []
    deadline = _deadline(seconds)
    while time.monotonic() < deadline:
        history = tx.read(_history)
        days = history.orders.column("day").to_pylist()
        known = features(history, [max(days)]) if days else None
        purchases = sum(known.column("purchases_30d").to_pylist()) if known is not None else 0
        seen.append((len(days), int(purchases)))
    engine.dispose()
    return seen


def _add(uow: SqlUnitOfWork, numbers: list[str]) -> None:
    import_id = begin(uow)
    identities = identities_of(uow, numbers[:1], import_id)
    uow.orders.add(
        orders([(number, numbers[0], 100) for number in numbers], identities), "default", import_id
    )
    set_state(uow, import_id)


def _pull(tx: SqlTransactions, stop: Event) -> None:
    while not stop.is_set():
        tx.read(lambda uow: uow.orders.ledger())


def _history(uow: SqlUnitOfWork) -> History:
    return History(
        clients=uow.clients.roster(),
        orders=uow.orders.ledger(),
        activity=uow.activity.daily(),
        coverage=uow.activity.coverage(),
    )

"""What the driver itself raises inside a transaction means the same as what SQLAlchemy raises."""

import adbc_driver_manager.dbapi as adbc
import psycopg
import pyarrow as pa
import pytest
from tests.support.ledgers import begin

from salesml.core.errors import DatabaseUnavailable
from salesml.db.bulk import execute, next_ids
from salesml.db.transactions import SqlTransactions
from salesml.db.unit_of_work import SqlUnitOfWork


@pytest.mark.parametrize(
    "error", [psycopg.OperationalError("gone"), adbc.OperationalError("gone", status_code=10)]
)
def test_a_lost_server_is_one_clear_error_in_bulk_too(tx: SqlTransactions, error: Exception) -> None:
    def lose(_: SqlUnitOfWork) -> None:
        raise error

    with pytest.raises(DatabaseUnavailable, match="gone"):
        tx.run(lose)


def test_a_server_that_dies_between_two_chunks_is_one_clear_error(postgres_url: str) -> None:
    from salesml.db.engine import make_engine

    engine = make_engine(postgres_url)

    def die(uow: SqlUnitOfWork) -> None:
        import_id = begin(uow)
        pid = execute(uow._session, "SELECT pg_backend_pid()").scalar_one()
        with psycopg.connect(postgres_url, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))
        uow.orders.brought([1], import_id)

    with pytest.raises(DatabaseUnavailable):
        SqlTransactions(engine).run(die)
    engine.dispose()


def test_texts_that_could_end_or_garble_what_is_written_are_stored_as_they_are(tx: SqlTransactions) -> None:
    numbers = ["\\.", "\\N", "NULL", 'a"b', "two\nlines", " blank ", "a,b", "\t", "żółć", "[1]", "0012"]
    rows = len(numbers)
    orders = pa.table(
        {
            "order_id": pa.array(numbers),
            "identity_id": pa.nulls(rows, pa.int64()),
            "ordered_at": pa.array([1_700_000_000] * rows, pa.int64()),
            "ordered_day": pa.array([19_675] * rows, pa.int32()),
            "amount": pa.array(range(rows), pa.int64()),
            "kind": pa.array(["sale"] * rows),
            "cancels": pa.array(["", *[None] * (rows - 1)]),
            "original_amount": pa.nulls(rows, pa.int64()),
            "original_currency": pa.nulls(rows, pa.string()),
        }
    )
    tx.run(lambda uow: uow.orders.add(orders, "shop", None))
    found = tx.read(lambda uow: uow.orders.existing("shop", numbers))
    assert {name: (order.amount, order.cancels) for name, (_, order) in found.items()} == {
        name: (place, None if place else "") for place, name in enumerate(numbers)
    }


def test_ids_for_new_rows_are_as_many_as_were_asked_for_and_all_different(tx: SqlTransactions) -> None:
    def take(uow: SqlUnitOfWork) -> tuple[range, range, range]:
        session = uow._session
        return (
            next_ids(session, "clients", 3),
            next_ids(session, "clients", 0),
            next_ids(session, "orders", 1),
        )

    clients, none, orders = tx.run(take)
    assert (len(clients), len(none), len(orders)) == (3, 0, 1)
    assert list(clients) == sorted(set(clients))

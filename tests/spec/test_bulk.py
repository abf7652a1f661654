"""What the driver itself raises inside a transaction means the same as what SQLAlchemy raises."""

import adbc_driver_manager.dbapi as adbc
import psycopg
import pytest
from tests.support.ledgers import begin

from salesml.core.errors import DatabaseUnavailable
from salesml.db.bulk import execute
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

"""The order ledger: one specification, both databases."""

from datetime import UTC, datetime

import pyarrow as pa
from tests.support.ledgers import DAY, begin, bring_orders, identities_of, orders, set_state

from salesml.core.imports import ImportState
from salesml.core.orders import Order, OrderKind
from salesml.db.engine import make_engine
from salesml.db.transactions import SqlTransactions
from salesml.db.unit_of_work import SqlUnitOfWork

ROWS = [("007", "anna", 1200), ("8", None, 300), ("9", "jan", 500), ("10", "anna", -1200)]


def bring(uow: SqlUnitOfWork, state: ImportState = ImportState.PUBLISHED) -> int:
    import_id = begin(uow)
    identities = identities_of(uow, ["anna", "jan"], import_id)
    table = orders(ROWS, identities, kinds={"10": "cancellation"}, cancels={"10": "007"})
    uow.orders.add(table, "default", import_id)
    set_state(uow, import_id, state)
    return import_id


def ledger(tx: SqlTransactions) -> pa.Table:
    return tx.read(lambda uow: uow.orders.ledger())


def test_the_ledger_has_every_order_with_a_client_by_row_id(tx: SqlTransactions) -> None:
    tx.run(bring)
    found = ledger(tx).to_pydict()
    first, third, fourth = found["id"]
    assert first < third < fourth
    anna, jan, again = found["client_id"]
    assert anna == again != jan
    assert found["at"] == [day * 86_400 + 3600 for day in (DAY, DAY + 2, DAY + 3)]
    assert found["day"] == [DAY, DAY + 2, DAY + 3]
    assert found["amount"] == [1200, 500, -1200]
    assert found["kind"] == ["sale", "sale", "cancellation"]
    assert found["cancels"] == [None, None, first]


def test_the_ledger_has_its_types_even_when_empty(tx: SqlTransactions) -> None:
    empty = ledger(tx)
    tx.run(bring)
    assert empty.num_rows == 0
    assert empty.schema == ledger(tx).schema
    assert empty.schema.field("day").type == pa.int32()
    assert empty.schema.field("cancels").type == pa.int64()


def test_an_order_number_of_another_source_is_not_what_is_cancelled(tx: SqlTransactions) -> None:
    tx.run(bring)

    def other(uow: SqlUnitOfWork) -> None:
        identities = dict(uow.clients.create("other", ["anna"], None))
        rows = [("11", "anna", -1200)]
        uow.orders.add(orders(rows, identities, cancels={"11": "007"}), "other", None)

    tx.run(other)
    assert ledger(tx).column("cancels").to_pylist()[-1] is None


def test_identities_of_one_client_share_a_ledger(tx: SqlTransactions) -> None:
    def bring_and_merge(uow: SqlUnitOfWork) -> None:
        bring(uow)
        anna, jan = uow.clients.identities("default", ["anna", "jan"]).values()
        session = uow._session
        table = (
            "UPDATE client_ids SET client_id = (SELECT client_id FROM client_ids WHERE id = ?) WHERE id = ?"
        )
        mark = "?" if session.get_bind().dialect.name == "sqlite" else "%s"
        session.connection().exec_driver_sql(table.replace("?", mark), (anna, jan))

    tx.run(bring_and_merge)
    assert len(set(ledger(tx).column("client_id").to_pylist())) == 1


def test_a_transaction_sees_its_own_orders_in_the_ledger(tx: SqlTransactions) -> None:
    def write_and_read(uow: SqlUnitOfWork) -> int:
        bring(uow)
        return int(uow.orders.ledger().num_rows)

    assert tx.run(write_and_read) == 3


def test_a_pull_belongs_to_the_snapshot_of_the_questions_before_it(
    tx: SqlTransactions, database_url: str
) -> None:
    tx.run(bring)

    def ask(uow: SqlUnitOfWork) -> tuple[int, int]:
        count, _, _ = uow.orders.totals()
        writer.run(lambda other: bring_orders(other, begin(other), [("99", "eva", 1)]))
        return count, uow.orders.ledger().num_rows

    engine = make_engine(database_url)
    writer = SqlTransactions(engine)
    assert tx.read(ask) == (4, 3)
    engine.dispose()


def test_unpublished_orders_are_not_seen(tx: SqlTransactions) -> None:
    import_id = tx.run(bring, ImportState.PUBLISHING)
    assert ledger(tx).num_rows == 0
    assert tx.read(lambda uow: (uow.orders.span(), uow.orders.totals())) == (None, (0, 0, 0))
    tx.run(set_state, import_id, ImportState.PUBLISHED)
    assert ledger(tx).num_rows == 3


def test_span_and_totals_count_guests(tx: SqlTransactions) -> None:
    tx.run(bring)
    assert tx.read(lambda uow: uow.orders.span()) == (DAY, DAY + 3)
    assert tx.read(lambda uow: uow.orders.totals()) == (4, 2, 800)


def test_existing_orders_are_found_by_number_even_unpublished(tx: SqlTransactions) -> None:
    tx.run(bring, ImportState.STAGING)
    found = tx.read(lambda uow: uow.orders.existing("default", ["8", "10", "7"]))
    assert set(found) == {"8", "10"}
    assert found["10"][1] == Order(
        order_id="10",
        source="default",
        client_id="anna",
        ordered_at=datetime.fromtimestamp((DAY + 3) * 86_400 + 3600, UTC),
        amount=-1200,
        kind=OrderKind.CANCELLATION,
        cancels="007",
    )
    assert found["8"][1].client_id is None
    assert tx.read(lambda uow: uow.orders.existing("other", ["8"])) == {}


def test_twelve_thousand_numbers_are_asked_for_at_once(tx: SqlTransactions) -> None:
    tx.run(bring)
    numbers = [f"żółw-{number}" for number in range(12_000)] + ["8"]
    assert set(tx.read(lambda uow: uow.orders.existing("default", numbers))) == {"8"}
    assert tx.read(lambda uow: uow.orders.existing("default", [])) == {}


def test_an_order_keeps_its_row_when_it_is_overwritten(tx: SqlTransactions) -> None:
    tx.run(bring)
    before = tx.read(lambda uow: uow.orders.existing("default", ["9"]))["9"]
    tx.run(lambda uow: bring_orders(uow, begin(uow), [("9", "eva", 700)]))
    row_id, order = tx.read(lambda uow: uow.orders.existing("default", ["9"]))["9"]
    assert row_id == before[0]
    assert (order.client_id, order.amount) == ("eva", 700)

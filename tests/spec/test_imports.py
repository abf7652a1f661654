"""Imports and taking them back: one specification, both databases."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from tests.support.ledgers import (
    DAY,
    NOW,
    ActivityCells,
    ClientCells,
    OrderCells,
    begin,
    bring_activity,
    bring_clients,
    bring_orders,
    clear,
    contents,
    set_state,
    take_back,
)
from tests.support.scores import score, version

from salesml.core.activity import Coverage
from salesml.core.errors import NotFound
from salesml.core.imports import ImportCounts, ImportKind, ImportState, RejectedRow
from salesml.core.models import Target
from salesml.db.transactions import SqlTransactions
from salesml.db.unit_of_work import SqlUnitOfWork

REPEATED = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
CLIENTS = st.sampled_from("abc")
FEW = st.none() | st.integers(0, 2)
ORDERS = st.lists(
    st.tuples(st.sampled_from("123"), st.none() | CLIENTS, st.integers(1, 2)),
    unique_by=lambda row: row[0],
    max_size=3,
)
ACTIVITY = st.lists(
    st.tuples(CLIENTS, st.integers(0, 1), FEW, FEW), unique_by=lambda row: row[:2], max_size=4
)
PEOPLE = st.lists(
    st.tuples(CLIENTS, st.none() | st.sampled_from(["Ala", "Ewa"]), st.none() | st.sampled_from(["x@y.pl"])),
    unique_by=lambda row: row[0],
    max_size=3,
)
Rows = Sequence[OrderCells] | Sequence[ActivityCells] | Sequence[ClientCells]
BRING: dict[ImportKind, Callable[..., object]] = {
    ImportKind.ORDERS: bring_orders,
    ImportKind.ACTIVITY: bring_activity,
    ImportKind.CLIENTS: bring_clients,
}
# Each file comes in two chunks, so that one import may change a row twice.
FILES = st.one_of(
    st.tuples(st.just(ImportKind.ORDERS), ORDERS, ORDERS),
    st.tuples(st.just(ImportKind.ACTIVITY), ACTIVITY, ACTIVITY),
    st.tuples(st.just(ImportKind.CLIENTS), PEOPLE, PEOPLE),
)


def bring(uow: SqlUnitOfWork, kind: ImportKind, *chunks: Rows) -> int:
    import_id = begin(uow, kind)
    for rows in chunks:
        BRING[kind](uow, import_id, rows)
    if kind is ImportKind.ACTIVITY:
        uow.activity.cover([Coverage(metric="visits", first_day=DAY, last_day=DAY + 1)], import_id)
    set_state(uow, import_id)
    return import_id


def order_numbers(uow: SqlUnitOfWork) -> set[str]:
    return set(uow.orders.existing("default", list("123")))


def test_an_import_is_read_as_it_was_added_without_the_sample(tx: SqlTransactions) -> None:
    import_id = tx.run(begin)
    found = tx.read(lambda uow: uow.imports.get(import_id))
    assert (found.kind, found.state, found.created_at) == (ImportKind.ORDERS, ImportState.STAGING, NOW)
    assert found.counts == ImportCounts()
    assert found.reading["mapping"] == {"a": "A"}
    assert "Anna" not in str(found)


def test_an_unknown_import_is_not_found(tx: SqlTransactions) -> None:
    with pytest.raises(NotFound, match="import 7"):
        tx.read(lambda uow: uow.imports.get(7))


def test_a_published_or_failed_import_is_finished(tx: SqlTransactions) -> None:
    first, second = tx.run(begin), tx.run(begin)
    assert [one.id for one in tx.read(lambda uow: uow.imports.unpublished())] == [first, second]
    later = NOW + timedelta(minutes=1)
    tx.run(lambda uow: uow.imports.set_state(first, ImportState.FAILED, now=later, error="no good row"))
    tx.run(lambda uow: uow.imports.set_state(second, ImportState.PUBLISHING, now=later))
    failed, publishing = tx.read(lambda uow: (uow.imports.get(first), uow.imports.get(second)))
    assert (failed.state, failed.finished_at, failed.error) == (ImportState.FAILED, later, "no good row")
    assert publishing.finished_at is None
    assert [one.id for one in tx.read(lambda uow: uow.imports.unpublished())] == [second]


def test_counts_are_kept(tx: SqlTransactions) -> None:
    import_id = tx.run(begin)
    counts = ImportCounts(rows=10, accepted=8, rejected=2, net=8_300_065_81)
    tx.run(lambda uow: uow.imports.set_counts(import_id, counts))
    assert tx.read(lambda uow: uow.imports.get(import_id)).counts == counts


def test_rows_set_aside_are_kept_once_and_counted_by_reason(tx: SqlTransactions) -> None:
    import_id = tx.run(begin)
    rows = [
        RejectedRow(row=9, field="amount", code="not_a_number", reason="'x' is not a number", raw="x"),
        RejectedRow(row=2, field="amount", code="not_a_number", reason="'y' is not a number", raw="y"),
        RejectedRow(row=2, field="day", code="missing", reason="is empty"),
    ]
    tx.run(lambda uow: uow.imports.set_aside(import_id, rows))
    tx.run(lambda uow: uow.imports.set_aside(import_id, rows[:2]))
    assert tx.read(lambda uow: uow.imports.rejected(import_id)) == [rows[1], rows[2], rows[0]]
    assert tx.read(lambda uow: uow.imports.rejected(import_id, 1)) == [rows[1]]
    assert tx.read(lambda uow: uow.imports.reasons(import_id)) == {"missing": 1, "not_a_number": 2}


@REPEATED
@given(files=st.lists(FILES, min_size=1, max_size=4), limit=st.integers(1, 5))
def test_taking_back_the_newest_import_restores_the_tables_as_they_were(
    tx: SqlTransactions, engine: Engine, files: list[tuple[ImportKind, Rows, Rows]], limit: int
) -> None:
    clear(engine)
    before = []
    for kind, *chunks in files:
        before.append((contents(engine), tx.run(bring, kind, *chunks)))
    for tables, import_id in reversed(before):
        tx.run(take_back, import_id, limit)
        assert contents(engine) == tables


@REPEATED
@given(files=st.lists(ORDERS, min_size=1, max_size=4), order=st.randoms())
def test_an_order_stays_while_any_import_that_brought_it_stays(
    tx: SqlTransactions, engine: Engine, files: list[list[OrderCells]], order: Random
) -> None:
    clear(engine)
    brought = {tx.run(bring, ImportKind.ORDERS, rows): {row[0] for row in rows} for rows in files}
    removed = list(brought)
    order.shuffle(removed)
    for import_id in removed:
        tx.run(take_back, import_id, 2)
        del brought[import_id]
        assert tx.read(order_numbers) == set().union(*brought.values())


def shown(engine: Engine) -> tuple[object, ...]:
    """What orders and clients say, whatever their numbers and whichever import they belong to."""
    with engine.connect() as connection:
        ledger = connection.execute(
            text(
                "SELECT o.order_id, i.external_id, o.amount FROM orders AS o "
                "LEFT JOIN client_ids AS i ON i.id = o.identity_id ORDER BY o.order_id"
            )
        )
        people = connection.execute(
            text(
                "SELECT i.external_id, c.first_name, c.email, c.search_key FROM client_ids AS i "
                "JOIN clients AS c ON c.id = i.client_id ORDER BY i.external_id"
            )
        )
        clients = connection.execute(text("SELECT count(*) FROM clients")).scalar_one()
        return ledger.all(), people.all(), clients


@REPEATED
@given(files=st.lists(ORDERS, min_size=1, max_size=5), order=st.randoms(), limit=st.integers(1, 4))
def test_undoing_any_imports_of_orders_leaves_what_the_others_alone_would_have_brought(
    tx: SqlTransactions, engine: Engine, files: list[list[OrderCells]], order: Random, limit: int
) -> None:
    chosen = [each for each in range(len(files)) if order.random() < 0.5]
    clear(engine)
    for number, rows in enumerate(files):
        if number not in chosen:
            tx.run(bring, ImportKind.ORDERS, rows)
    alone = shown(engine)
    clear(engine)
    brought = [tx.run(bring, ImportKind.ORDERS, rows) for rows in files]
    order.shuffle(chosen)
    for number in chosen:
        tx.run(take_back, brought[number], limit)
    assert shown(engine) == alone


@REPEATED
@given(files=st.lists(FILES, min_size=1, max_size=4), order=st.randoms())
def test_nothing_is_left_when_every_import_is_undone_in_any_order(
    tx: SqlTransactions, engine: Engine, files: list[tuple[ImportKind, Rows, Rows]], order: Random
) -> None:
    clear(engine)
    brought = [tx.run(bring, kind, *chunks) for kind, *chunks in files]
    order.shuffle(brought)
    for import_id in brought:
        tx.run(take_back, import_id)
    assert not any(contents(engine).values())


def test_a_client_stays_to_whom_an_order_goes_back_when_a_later_change_of_it_is_undone(
    tx: SqlTransactions, engine: Engine
) -> None:
    first = tx.run(bring, ImportKind.ORDERS, [("1", "b", 1)])
    tx.run(bring, ImportKind.ORDERS, [("2", "b", 1)])
    changed = tx.run(bring, ImportKind.ORDERS, [("2", None, 1)])
    tx.run(take_back, first)
    tx.run(take_back, changed)
    assert shown(engine)[0] == [("2", "b", 1)]


def test_a_client_between_whom_and_another_an_order_went_to_and_fro_goes_with_the_last_who_named_it(
    tx: SqlTransactions, engine: Engine
) -> None:
    there = tx.run(bring, ImportKind.ORDERS, [("1", "a", 1)])
    tx.run(bring, ImportKind.ORDERS, [("1", "b", 1)])
    back = tx.run(bring, ImportKind.ORDERS, [("1", "a", 1)])
    tx.run(take_back, there)
    tx.run(take_back, back)
    assert shown(engine) == ([("1", "b", 1)], [("b", None, None, "b")], 1)


def test_a_client_stays_whose_live_order_an_import_that_is_undone_last_gave_away(
    tx: SqlTransactions, engine: Engine
) -> None:
    made = tx.run(bring, ImportKind.ORDERS, [("2", "a", 1)])
    tx.run(lambda uow: bring_orders(uow, None, [("1", "a", 1)]))
    moved = tx.run(bring, ImportKind.ORDERS, [("1", "b", 1)])
    tx.run(take_back, made)
    tx.run(take_back, moved)
    assert shown(engine)[0] == [("1", "a", 1)]


def test_taking_back_goes_on_where_it_stopped(tx: SqlTransactions, engine: Engine) -> None:
    rows: list[OrderCells] = [("1", "a", 1), ("2", "b", 1), ("3", None, 1)]
    import_id = tx.run(bring, ImportKind.ORDERS, rows)
    left = []
    while tx.run(lambda uow: uow.imports.take_back(import_id, 2)):
        left.append(sum(len(rows) for rows in contents(engine).values()))
    assert left == sorted(left, reverse=True)
    assert len(left) >= 3
    assert not any(contents(engine).values())
    assert tx.run(lambda uow: uow.imports.take_back(import_id, 2)) is False


def test_a_value_that_changed_since_is_not_put_back(tx: SqlTransactions) -> None:
    first = tx.run(bring, ImportKind.CLIENTS, [("a", "Ala", "a@x.pl")])
    second = tx.run(bring, ImportKind.CLIENTS, [("a", "Ewa", "b@x.pl")])
    tx.run(bring, ImportKind.CLIENTS, [("a", "Iga", None)])
    tx.run(take_back, second)
    client = tx.read(lambda uow: uow.clients.get(next(iter(uow.clients.roster()["client_id"].to_pylist()))))
    assert (client.first_name, client.email, client.search_key) == ("Iga", "a@x.pl", "iga a@x.pl")
    tx.run(take_back, first)
    assert tx.read(lambda uow: uow.clients.count()) == 1


def test_a_client_with_orders_of_another_import_stays(tx: SqlTransactions) -> None:
    first = tx.run(bring, ImportKind.CLIENTS, [("a", "Ala", None), ("b", "Ewa", None)])
    tx.run(bring, ImportKind.ORDERS, [("1", "a", 1)])
    tx.run(take_back, first)
    assert tx.read(lambda uow: list(uow.clients.identities("default", ["a", "b"]))) == ["a"]
    assert tx.read(lambda uow: uow.clients.count()) == 1
    assert tx.read(lambda uow: uow.orders.ledger().num_rows) == 1


def test_only_imports_of_the_same_kind_keep_a_day_from_going_back_to_its_first_import(
    tx: SqlTransactions, engine: Engine
) -> None:
    rows: list[ActivityCells] = [("a", 0, 1, None)]
    first, second = (tx.run(bring, ImportKind.ACTIVITY, rows) for _ in range(2))
    third = tx.run(bring, ImportKind.ORDERS, [("1", None, 1)])
    for import_id in (second, first, third):
        tx.run(take_back, import_id)
    assert not any(contents(engine).values())


def test_a_day_goes_with_the_last_of_the_imports_that_brought_it(tx: SqlTransactions, engine: Engine) -> None:
    rows: list[ActivityCells] = [("a", 0, 1, None)]
    first, second = (tx.run(bring, ImportKind.ACTIVITY, rows) for _ in range(2))
    tx.run(take_back, first)
    assert tx.read(lambda uow: uow.activity.daily().num_rows) == 1
    tx.run(take_back, second)
    assert not contents(engine)["activity"]


def test_predictions_of_a_client_go_with_it(tx: SqlTransactions, engine: Engine) -> None:
    import_id = tx.run(bring, ImportKind.CLIENTS, [("a", "Ala", None)])
    versions = tx.run(lambda uow: [version(uow, target) for target in Target])
    tx.run(score, *versions)
    assert len(contents(engine)["client_activity"]) == 1
    tx.run(take_back, import_id, 1)
    left = {table for table, rows in contents(engine).items() if rows}
    assert left == {"model_versions", "scoring_runs"}


def test_days_that_a_later_import_repeated_stay_whichever_goes_first(tx: SqlTransactions) -> None:
    rows: list[ActivityCells] = [("a", 0, 1, None)]
    first, second, _ = (tx.run(bring, ImportKind.ACTIVITY, rows) for _ in range(3))
    tx.run(take_back, second)
    tx.run(take_back, first)
    assert tx.read(lambda uow: uow.activity.daily().num_rows) == 1


def test_imports_come_page_by_page_newest_first(tx: SqlTransactions) -> None:
    made = [tx.run(begin) for _ in range(3)]
    assert [each.id for each in tx.read(lambda uow: uow.imports.page(2))] == [made[2], made[1]]
    assert [each.id for each in tx.read(lambda uow: uow.imports.page(2, made[1]))] == [made[0]]


def test_refused_rows_go_on_behind_the_last_one_seen(tx: SqlTransactions) -> None:
    number = tx.run(begin)
    keys = [(1, "amount", "a"), (1, "amount", "b"), (1, "day", "a"), (2, "amount", "a"), (10, "amount", "a")]
    rows = [RejectedRow(row=row, field=field, code=code, reason="") for row, field, code in keys]
    tx.run(lambda uow: uow.imports.set_aside(number, rows))
    for place, key in enumerate(keys):
        found = tx.read(_rejected_after, number, key)
        assert [(row.row, row.field, row.code) for row in found] == keys[place + 1 :]


def _rejected_after(uow: SqlUnitOfWork, number: int, key: tuple[int, str, str]) -> Sequence[RejectedRow]:
    return uow.imports.rejected(number, 10, key)

"""Daily activity: one specification, both databases."""

import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from tests.support.ledgers import DAY, ActivityCells, begin, bring_activity, clear, contents, set_state

from salesml.core.activity import Coverage
from salesml.core.imports import ImportKind, ImportState
from salesml.db.transactions import SqlTransactions
from salesml.db.unit_of_work import SqlUnitOfWork

FEW = st.none() | st.integers(0, 2)
ROWS = st.lists(
    st.tuples(st.sampled_from("ab"), st.integers(0, 2), FEW, FEW), unique_by=lambda row: row[:2], max_size=5
)


def bring(
    uow: SqlUnitOfWork, *rows: ActivityCells, state: ImportState = ImportState.PUBLISHED
) -> tuple[int, int]:
    import_id = begin(uow, ImportKind.ACTIVITY)
    counts = bring_activity(uow, import_id, rows)
    set_state(uow, import_id, state)
    return counts


def daily(tx: SqlTransactions) -> pa.Table:
    return tx.read(lambda uow: uow.activity.daily())


def rows_of(tx: SqlTransactions) -> list[tuple[int, int | None, int | None]]:
    table = daily(tx)
    return list(zip(*(table[name].to_pylist() for name in ("day", "visits", "ad_clicks")), strict=True))


def test_new_days_are_inserted_and_read_by_client_and_day(tx: SqlTransactions) -> None:
    assert tx.run(bring, ("b", 1, 5, None), ("a", 2, 1, 2), ("b", 0, None, 3)) == (3, 0)
    assert rows_of(tx) == [(DAY, None, 3), (DAY + 1, 5, None), (DAY + 2, 1, 2)]


def test_the_daily_table_has_its_types_even_when_empty(tx: SqlTransactions) -> None:
    empty = daily(tx)
    tx.run(bring, ("a", 0, None, None))
    assert empty.schema == daily(tx).schema
    assert [empty.schema.field(name).type for name in ("client_id", "day", "visits")] == [
        pa.int64(),
        pa.int32(),
        pa.int64(),
    ]


def test_only_metrics_that_are_brought_and_differ_change(tx: SqlTransactions) -> None:
    tx.run(bring, ("a", 0, 5, 1), ("a", 1, 5, 1), ("a", 2, 5, None))
    assert tx.run(bring, ("a", 0, None, 2), ("a", 1, 5, 1), ("a", 2, None, None), ("a", 3, 0, 0)) == (1, 1)
    assert rows_of(tx) == [(DAY, 5, 2), (DAY + 1, 5, 1), (DAY + 2, 5, None), (DAY + 3, 0, 0)]


def test_days_of_an_unpublished_import_are_not_seen(tx: SqlTransactions) -> None:
    tx.run(bring, ("a", 0, 5, 1))
    tx.run(lambda uow: bring(uow, ("a", 1, 5, 1), state=ImportState.PUBLISHING))
    assert rows_of(tx) == [(DAY, 5, 1)]


def test_a_published_day_stays_visible_while_an_import_changes_it(tx: SqlTransactions) -> None:
    tx.run(bring, ("a", 0, 5, 1))
    tx.run(lambda uow: bring(uow, ("a", 0, 6, None), state=ImportState.PUBLISHING))
    assert rows_of(tx) == [(DAY, 6, 1)]


def test_coverage_spans_all_published_imports(tx: SqlTransactions) -> None:
    def cover(uow: SqlUnitOfWork, first: int, last: int, state: ImportState) -> None:
        import_id = begin(uow, ImportKind.ACTIVITY)
        uow.activity.cover([Coverage(metric="visits", first_day=last, last_day=last)], import_id)
        uow.activity.cover([Coverage(metric="visits", first_day=first, last_day=last)], import_id)
        set_state(uow, import_id, state)

    tx.run(cover, 10, 20, ImportState.PUBLISHED)
    tx.run(cover, 15, 30, ImportState.PUBLISHED)
    tx.run(cover, 1, 99, ImportState.STAGING)
    expected = {"visits": Coverage(metric="visits", first_day=10, last_day=30)}
    assert tx.read(lambda uow: uow.activity.coverage()) == expected


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(earlier=ROWS, rows=ROWS)
def test_an_upsert_twice_equals_once(
    tx: SqlTransactions, engine: Engine, earlier: list[ActivityCells], rows: list[ActivityCells]
) -> None:
    clear(engine)
    tx.run(bring, *earlier)
    import_id = tx.run(begin, ImportKind.ACTIVITY)
    tx.run(bring_activity, import_id, rows)
    once = contents(engine)
    assert tx.run(bring_activity, import_id, rows) == (0, 0)
    assert contents(engine) == once
